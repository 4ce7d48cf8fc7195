import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { hardlyAnyCheckFails, hardlyAnythingFails, latency, nothingDropped } from '../lib/thresholds.ts';
import { soak } from '../profiles/soak.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { uploadMixed } from '../scenarios/uploads.ts';

const thresholds = {
  ...hardlyAnyCheckFails,
  ...hardlyAnythingFails,
  ...nothingDropped,
  ...latency('small'),
  ...latency('medium'),
};
export const options = suite('soak', soak, { '*': 'uploadMixed' }, thresholds);
export const handleSummary = summary('soak');
