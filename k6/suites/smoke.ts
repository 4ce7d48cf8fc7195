import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks, latency, nothingFails } from '../lib/thresholds.ts';
import { smoke } from '../profiles/smoke.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { uploadInParts } from '../scenarios/parts.ts';
export { askRoutes } from '../scenarios/routes.ts';
export { upload } from '../scenarios/uploads.ts';

const executions = { signatures: 'upload', parts: 'uploadInParts', routes: 'askRoutes' };
export const options = suite('smoke', smoke, executions, { ...allChecks, ...nothingFails, ...latency('small') });
export const handleSummary = summary('smoke');
