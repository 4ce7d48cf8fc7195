import { objectives } from '../lib/objectives.ts';
import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { allChecks, within } from '../lib/thresholds.ts';
import { breaker } from '../profiles/breaker.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';
export { hang, heal, payOrBeSentAway } from '../scenarios/payment.ts';
export { upload } from '../scenarios/uploads.ts';

const executions = { healthy: 'upload', after: 'upload', hang: 'hang', heal: 'heal', '*': 'payOrBeSentAway' };
export const options = suite('breaker', breaker, executions, {
  ...allChecks,
  'http_req_failed{kind:upload,phase:healthy}': ['rate==0'],
  'http_req_failed{kind:upload,phase:after}': ['rate==0'],
  'http_req_duration{kind:upload,phase:open}': [`p(95)${within(objectives.refusalP95Milliseconds)}`],
  'uploads_shed{phase:open}': ['count>0'],
});
export const handleSummary = summary('breaker');
