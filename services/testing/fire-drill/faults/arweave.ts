import { setTimeout as wait } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import type { Fault, Undo } from './fault.ts';

/** A bundle is signed anew once, and given up when that is refused too. */
const REFUSALS = 2;
/** Good ones until one that failed is less than a tenth. */
const GOOD_BUNDLES = 12;
const BETWEEN_BUNDLES_MS = 4000;

export const arweaveFaults: readonly Fault[] = [
  {
    name: 'gateway-fails',
    what: 'the Arweave gateway answers everything with 503',
    traffic: { uploadEveryMs: 20_000 },
    cause: async ({ platform: { gateway } }) => {
      gateway.faults.add({ status: 503 });
      return async () => gateway.faults.clear();
    },
    alerts: ['BundlerArweaveGatewayDown'],
    minutes: 12,
  },
  {
    name: 'bundle-refused',
    what: 'the Arweave gateway refuses the transaction of a bundle (400), one of two that are posted',
    platform: { env: { OVERDUE_DATA_ITEM_THRESHOLD_MS: '200', PLAN_INTERVAL_MS: '1000' } },
    cause: refuseBundle,
    alerts: ['BundlerBundlePostFailing'],
    minutes: 20,
  },
];

async function refuseBundle(stage: Stage): Promise<Undo> {
  const { gateway } = stage.platform;
  gateway.faults.add({ route: 'POST /tx', status: 400, count: REFUSALS });
  await stage.upload();
  return async () => {
    gateway.faults.clear();
    for (let bundles = 0; bundles < GOOD_BUNDLES; bundles += 1) {
      await stage.upload();
      await wait(BETWEEN_BUNDLES_MS);
    }
  };
}
