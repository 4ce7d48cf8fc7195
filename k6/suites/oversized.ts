import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks, nothingFails } from '../lib/thresholds.ts';
import { oversized } from '../profiles/oversized.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { upload } from '../scenarios/uploads.ts';

export const options = suite('oversized', oversized, { '*': 'upload' }, { ...allChecks, ...nothingFails });
export const handleSummary = summary('oversized');
