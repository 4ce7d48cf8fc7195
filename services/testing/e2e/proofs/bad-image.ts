import type { Proof } from '../kit/context.ts';
import { Traffic } from '../kit/traffic.ts';
import { until } from '../kit/until.ts';

/** An image whose processes crash is taken back by the operator itself, and no client notices. */
export const badImage: Proof = {
  title: 'Crash-looping image is rolled back by itself',
  async run({ built, platform, say }) {
    const good = (await platform.config()).spec['image'] as { repository: string; tag: string };
    const traffic = new Traffic(await platform.url(), 200);
    let reason = '';
    try {
      // The gateway's image holds none of the platform's programs: they crash at their start.
      await platform.edit({ image: { repository: `${built.registry}/bundler-gateway`, tag: built.tag } });
      reason = await until('condition RolledBack', 240, async () => {
        const condition = await platform.condition('RolledBack');
        return condition?.status === 'True' && `${condition.reason}: ${condition.message}`;
      });
      say(`rolled back: ${reason}`);
      await until('all pods on the good image', 120, async () => {
        const pods = await platform.pods();
        return pods.every(({ spec }) => spec.containers[0]?.image === `${good.repository}:${good.tag}`);
      });
    } finally {
      await traffic.stop();
    }
    const { spec } = await platform.config();
    if ((spec['image'] as typeof good).repository === good.repository) throw new Error('the operator changed the spec');
    await platform.settled(await platform.edit({ image: good }), 180);
    if (traffic.failures.length > 0)
      throw new Error(`${traffic.failures.length} uploads failed: ${traffic.failures[0]}`);
    return `${reason.slice(0, 160)}; ${traffic.ids.length} uploads meanwhile, none failed; spec untouched`;
  },
};
