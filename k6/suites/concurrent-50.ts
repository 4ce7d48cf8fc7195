import { sleep } from 'k6';
import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks, latency, nothingFails } from '../lib/thresholds.ts';
import { concurrent50 } from '../profiles/concurrent-50.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { upload } from '../scenarios/uploads.ts';

const thresholds = { ...allChecks, ...nothingFails, ...latency('small') };
export const options = suite('concurrent-50', concurrent50, { '*': 'upload' }, thresholds);
export const handleSummary = summary('concurrent-50');

/** All of it may be over in a tenth of a second, and k6 writes no page of a run that it has only a point or two of. */
export const teardown = (): void => sleep(1.5);
