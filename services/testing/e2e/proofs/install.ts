import { PLATFORM, type Proof } from '../kit/context.ts';
import { operatorRelease, platformRelease } from '../kit/releases.ts';

const READY_SECONDS = 300;

/** Two installations, and the platform is ready. Starts with the operator before this one, where there is one. */
export const install: Proof = {
  title: 'Fresh installation becomes Ready',
  async run(context) {
    const { built, helm, kubectl, platform } = context;
    const release = platformRelease(context);
    await helm.install(operatorRelease(context, built.previousOperator), true);
    await helm.dryRun(release);
    const since = performance.now();
    await helm.install(release, false);
    await kubectl.waitFor(`bundlerconfig/${PLATFORM}`, 'condition=Ready', READY_SECONDS);
    const pods = await platform.pods();
    const took = Math.round((performance.now() - since) / 1000);
    return `kubectl wait --for=condition=Ready took ${took} s from helm install; ${pods.length} pods of the platform run`;
  },
};
