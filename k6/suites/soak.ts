import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { keptUp } from '../lib/thresholds.ts';
import { soak } from '../profiles/soak.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { uploadMixed } from '../scenarios/uploads.ts';
export const options = suite('soak', soak, { '*': 'uploadMixed' }, keptUp);
export const handleSummary = summary('soak');
