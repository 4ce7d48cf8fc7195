import { setTimeout as wait } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import { freeze, repeat } from './acts.ts';
import type { Fault, Undo } from './fault.ts';

/** Above the backlog of 1,000, each a job of its own. */
const BURST = 1100;
const CRASHES = 4;
/** So that a scrape sees each of the lives. */
const BETWEEN_CRASHES_MS = 25_000;
/** A process that runs for half a second in two is late once in some fifty turns of its event loop. */
const TURN_MS = 2000;
const STARVED_MS = 1500;

export const workerFaults: readonly Fault[] = [
  {
    name: 'workers-frozen',
    what: `the workers are frozen (SIGSTOP) and ${BURST} items come in`,
    // What is paid for is told to the payment service by a job; most other items need none after their acceptance.
    platform: { payment: true, env: { FREE_UPLOAD_LIMIT: '100', UPLOAD_GROUP_MAX_ITEMS: '1' } },
    cause: async (stage) => {
      const thaw = await freeze(stage.process('workers').pid);
      await stage.uploadMany(BURST);
      return thaw;
    },
    alerts: ['BundlerQueueBacklog', 'BundlerTargetDown', 'BundlerQueueStuck', 'BundlerQueueOldestJobAge'],
    // All of them are posted later than promised.
    companions: ['BundlerFinalityBudgetBurn'],
    minutes: 24,
  },
  {
    name: 'redrive-paused',
    what: 'the queue redrive is paused, and the Arweave gateway answers everything with 503',
    platform: { env: { REDRIVE_WORKER_PAUSED: 'true' } },
    traffic: { uploadEveryMs: 20_000 },
    cause: failUnseen,
    alerts: ['BundlerJobsDead'],
    // A queue that is paused stands as well.
    companions: ['BundlerArweaveGatewayDown', 'BundlerQueueStuck'],
    minutes: 12,
  },
  {
    name: 'worker-crashes',
    what: `a worker process is killed (SIGKILL) ${CRASHES} times within two minutes, and started again`,
    cause: crashAgainAndAgain,
    alerts: ['BundlerPodRestarts'],
    minutes: 10,
    // The window of the alert is 15 minutes.
    recoveryMinutes: 22,
  },
  {
    name: 'worker-starves',
    what: `a worker process gets processor time for ${(TURN_MS - STARVED_MS) / 1000} s in ${TURN_MS / 1000} s`,
    cause: starve,
    alerts: ['BundlerEventLoopBlocked'],
    minutes: 9,
  },
];

/** Jobs use up their tries within a minute, and what they were to do stands until somebody takes it up. */
async function failUnseen(stage: Stage): Promise<Undo> {
  const { platform } = stage;
  platform.gateway.faults.add({ status: 503 });
  return async () => {
    platform.gateway.faults.clear();
    await platform.startProcess('workers', { REDRIVE_WORKER_PAUSED: 'false' });
  };
}

async function crashAgainAndAgain(stage: Stage): Promise<Undo> {
  const worker = stage.process('workers');
  for (let crashes = 0; crashes < CRASHES; crashes += 1) {
    await worker.crash();
    await wait(BETWEEN_CRASHES_MS);
  }
  return async () => undefined;
}

async function starve(stage: Stage): Promise<Undo> {
  const { pid } = stage.process('workers');
  const stop = repeat(TURN_MS, () => {
    process.kill(pid, 'SIGSTOP');
    setTimeout(() => process.kill(pid, 'SIGCONT'), STARVED_MS);
  });
  return async () => {
    await stop();
    await wait(TURN_MS);
  };
}
