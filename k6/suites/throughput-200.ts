import { summary } from '../lib/summary.ts';
import { throughputSuite } from '../lib/throughput.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { uploadMixed } from '../scenarios/uploads.ts';

export const options = throughputSuite(200);
export const handleSummary = summary('throughput-200');
