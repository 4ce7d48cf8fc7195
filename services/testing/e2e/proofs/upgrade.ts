import { LeftOut, type Proof } from '../kit/context.ts';
import { operatorRelease } from '../kit/releases.ts';
import { until } from '../kit/until.ts';

/** A new operator that renders the same must leave every pod of the platform alone. */
export const upgrade: Proof = {
  title: 'Operator upgraded between two commits',
  async run(context) {
    const { built, helm, operator, platform, say } = context;
    if (!built.previousOperator) throw new LeftOut('no earlier commit with an operator could be built');
    const [before, { metadata }] = [await platform.uids(), await platform.config()];
    await helm.install(operatorRelease(context), true);
    say('the new operator runs; waiting until it leads and has looked at everything');
    await until('the new operator leads', 60, async () => {
      const { spec } = (await operator.get('lease', 'bundler-operator')) as unknown as {
        spec: { holderIdentity: string };
      };
      return (await operator.list('pods')).some((pod) => spec.holderIdentity.startsWith(pod.metadata.name));
    });
    await platform.settled(metadata.generation ?? 0, 120);
    const after = await platform.uids();
    if (after.join() !== before.join())
      throw new Error('pods were replaced; does the new operator render something else?');
    return `from ${built.previousOperator.commit.slice(0, 12)} to ${built.tag}: ${after.length} pods, all UIDs unchanged`;
  },
};
