import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks, latency } from '../lib/thresholds.ts';
import { spike } from '../profiles/spike.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { upload, uploadOrBeShed } from '../scenarios/uploads.ts';

const thresholds = { ...allChecks, ...latency('small', 'phase:after') };
export const options = suite('spike', spike, { spike: 'uploadOrBeShed', after: 'upload' }, thresholds);
export const handleSummary = summary('spike');
