import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks } from '../lib/thresholds.ts';
import { stress } from '../profiles/stress.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { uploadOrBeShed } from '../scenarios/uploads.ts';

export const options = suite('stress', stress, { '*': 'uploadOrBeShed' }, allChecks);
export const handleSummary = summary('stress');
