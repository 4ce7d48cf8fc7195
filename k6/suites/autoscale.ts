import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks, nothingDropped } from '../lib/thresholds.ts';
import { autoscale } from '../profiles/autoscale.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { uploadOrBeShed } from '../scenarios/uploads.ts';

const thresholds = { ...allChecks, ...nothingDropped };
export const options = suite('autoscale', autoscale, { '*': 'uploadOrBeShed' }, thresholds);
export const handleSummary = summary('autoscale');
