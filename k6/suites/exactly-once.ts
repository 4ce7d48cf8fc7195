import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks } from '../lib/thresholds.ts';
import { exactlyOnce } from '../profiles/exactly-once.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { killWorker, uploadUntilReceipt } from '../scenarios/persistent.ts';

const executions = { uploads: 'uploadUntilReceipt', kills: 'killWorker' };
export const options = suite('exactly-once', exactlyOnce, executions, allChecks);
export const handleSummary = summary('exactly-once');
