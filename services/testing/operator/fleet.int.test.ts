import { findControlPlane } from '../kube/index.ts';
import { Ledger } from '../soak/figures/ledger.ts';
import { Watched } from '../soak/system/watched.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { passes } from './kit/passes.ts';
import { type RunningOperator, Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

const CONFIGS = 25;
/** Several times what a quiet machine needs; `make soak` does a hundred, and says how long they took. */
const WITHIN_MS = 120_000;
/** As many BundlerConfigs that were looked at five times a second would keep this process from anything else. */
const POLL_MS = 2000;

describeUnless(kube.missing, `${CONFIGS} BundlerConfigs`, () => {
  let stage: Stage;
  let watched: Watched;
  let running: RunningOperator;
  const problems: unknown[] = [];
  beforeAll(async () => {
    stage = await Stage.open(await kube.shared());
    watched = new Watched(stage, new Ledger(), (error) => problems.push(error));
    await watched.start();
    running = await stage.operate({ pollInterval: POLL_MS });
  }, 120_000);
  afterAll(async () => {
    await watched?.stop();
    await stage?.close();
  });

  it(`are all rolled out within ${WITHIN_MS / 1000} s`, async () => {
    const begun = performance.now();
    for (let index = 0; index < CONFIGS; index += 1) await stage.configure(`fleet-${index}`);
    await until(() => watched.standing.settled === CONFIGS, WITHIN_MS);
    const seconds = (performance.now() - begun) / 1000;
    process.stderr.write(`${CONFIGS} BundlerConfigs were rolled out after ${seconds.toFixed(1)} s\n`);
    expect(problems).toEqual([]);
    expect(seconds).toBeLessThan(WITHIN_MS / 1000);
  }, 150_000);

  it('cost no write when each is looked at again', async () => {
    // What was being written when the last had settled is still news.
    await until(async () => {
      const before = running.writes.length;
      await passes(running, CONFIGS);
      return running.writes.length === before;
    }, 60_000);
    running.writes.length = 0;
    await passes(running, 2 * CONFIGS);
    expect(running.writes).toEqual([]);
  }, 90_000);
});
