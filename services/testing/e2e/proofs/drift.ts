import { type Context, PLATFORM, type Proof } from '../kit/context.ts';
import type { Deployment } from '../kit/objects.ts';
import { until } from '../kit/until.ts';

const CORRECTED_SECONDS = 60;
const DEPLOYMENT = `${PLATFORM}-cleanup`;
const LABEL = 'app.kubernetes.io/part-of';

async function corrections({ platform }: Context): Promise<number> {
  const drift = (await platform.config()).status?.['drift'] as { corrected: number } | undefined;
  return drift?.corrected ?? 0;
}

async function deploymentDeleted({ kubectl }: Context): Promise<void> {
  const { metadata } = await kubectl.get('deployment', DEPLOYMENT);
  await kubectl.run(['delete', 'deployment', DEPLOYMENT]);
  await until(`${DEPLOYMENT} is there again`, CORRECTED_SECONDS, async () => {
    const again = await kubectl.find('deployment', DEPLOYMENT);
    return again && again.metadata.uid !== metadata.uid;
  });
}

async function labelEdited({ kubectl }: Context): Promise<void> {
  await kubectl.run(['label', 'deployment', DEPLOYMENT, `${LABEL}=nobody`, '--overwrite', '--field-manager=somebody']);
  await until(`the label of ${DEPLOYMENT} is as it was`, CORRECTED_SECONDS, async () => {
    return (await kubectl.get('deployment', DEPLOYMENT)).metadata.labels?.[LABEL] === 'bundler';
  });
}

async function scaledByHand({ kubectl }: Context): Promise<void> {
  const { spec } = await kubectl.get<Deployment>('deployment', `${PLATFORM}-plan`);
  await kubectl.run(['scale', 'deployment', `${PLATFORM}-plan`, `--replicas=${spec.replicas + 1}`]);
  await until(`${PLATFORM}-plan is back at ${spec.replicas}`, 180, async () => {
    return (await kubectl.get<Deployment>('deployment', `${PLATFORM}-plan`)).spec.replicas === spec.replicas;
  });
}

/** What others change is changed back, counted, and told. */
export const drift: Proof = {
  title: 'Deleted Deployment, edited label and scaling by hand are corrected',
  async run(context) {
    const before = await corrections(context);
    await deploymentDeleted(context);
    await labelEdited(context);
    await scaledByHand(context);
    const counted = await until('the corrections are counted', 60, async () => {
      const n = (await corrections(context)) - before;
      return n >= 2 ? n : undefined;
    });
    const events = await context.kubectl.run(['events', `--for=bundlerconfig/${PLATFORM}`]);
    const told = events.split('\n').find((line) => line.includes('somebody'));
    if (!told) throw new Error(`no event names who edited the label: ${events}`);
    return `${counted} counted; event: ${told.replace(/\s+/g, ' ').trim()}`;
  },
};
