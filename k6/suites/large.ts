import { objectives } from '../lib/objectives.ts';
import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks, within } from '../lib/thresholds.ts';
import { large } from '../profiles/large.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { uploadInParts } from '../scenarios/parts.ts';

const thresholds = { ...allChecks, parts_upload_duration: [`max${within(objectives.p99Milliseconds.large)}`] };
export const options = suite('large', large, { '*': 'uploadInParts' }, thresholds);
export const handleSummary = summary('large');
