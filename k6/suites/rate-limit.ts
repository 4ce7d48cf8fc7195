import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks } from '../lib/thresholds.ts';
import { rateLimit } from '../profiles/rate-limit.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { keyHolder, limitedAddress, partsAreFree } from '../scenarios/limits.ts';

const executions = { address: 'limitedAddress', key: 'keyHolder', parts: 'partsAreFree' };
const thresholds = { ...allChecks, uploads_limited: ['count==10'] };
export const options = suite('rate-limit', rateLimit, executions, thresholds);
export const handleSummary = summary('rate-limit');
