import exec from 'k6/execution';
import { Gauge } from 'k6/metrics';
import { objectives } from '../lib/objectives.ts';
import { suite } from '../lib/suite.ts';
import { summary } from '../lib/summary.ts';
import { within } from '../lib/thresholds.ts';
import { knee } from '../profiles/knee.ts';
import { upload } from '../scenarios/uploads.ts';

export { requireHealthyTarget as setup } from '../lib/suite.ts';

/** The end of the ramp is reached only by a platform that has no knee below it. */
const progress = new Gauge('ramp_progress');

export const climb = async (): Promise<void> => {
  progress.add(exec.scenario.progress);
  await upload();
};

// What ends the climb is no failure of the suite: how far it came is what the gate looks at.
const abort = (threshold: string) => [{ threshold, abortOnFail: true, delayAbortEval: '5s' }];
export const options = suite(
  'knee',
  knee,
  { '*': 'climb' },
  {
    'http_req_duration{kind:upload,size_category:small}': abort(`p(99)${within(objectives.p99Milliseconds.small)}`),
    'http_req_failed{kind:upload}': abort('rate<0.01'),
    dropped_iterations: abort('count<10'),
  },
);
export const handleSummary = summary('knee');
