import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { objectFiles } from '../../src/object-files.ts';
import { drift, limits, type Scene } from '../live/scene.ts';
import { Traffic } from '../live/traffic.ts';

/** How long one wave of small uploads lasts, from calm to calm, and how many a look sends at most. */
const WAVE_MS = 90_000;
const MOST_AT_ONCE = 12;
const PAUSE_MS = 500;
/** From one round of everything to the next. */
const ROUND_MS = 40_000;

/** Some minutes of a platform's life: small uploads in waves, everything else now and then, and troubles in the middle. */
export async function fewMinutes(scene: Scene, minutes: number, print: (line: string) => void): Promise<void> {
  const traffic = await Traffic.open(scene);
  const begun = performance.now();
  const ends = begun + minutes * 60_000;
  const waves = (async () => {
    while (performance.now() < ends) {
      const phase = ((performance.now() - begun) / WAVE_MS) * 2 * Math.PI;
      await traffic.some(1 + Math.round(((1 - Math.cos(phase)) / 2) * MOST_AT_ONCE));
      await wait(PAUSE_MS);
    }
  })();
  const rounds = (async () => {
    for (let round = 1; performance.now() < ends; round += 1) {
      const next = performance.now() + ROUND_MS;
      print(`${Math.round((performance.now() - begun) / 1000)} s: round ${round}`);
      await traffic.everything();
      if (round === 1) await drift(scene.stage);
      if (round === 2) await lostBytes(scene, traffic);
      if (round === 3) await slowBridge(scene, traffic);
      await wait(Math.max(0, Math.min(next, ends) - performance.now()));
    }
  })();
  await Promise.all([waves, rounds]);
}

/** The bytes of a paid item vanish while nobody works: the item fails, and its price goes back. */
async function lostBytes(scene: Scene, traffic: Traffic): Promise<void> {
  const { platform } = scene;
  const large = async (): Promise<string[]> => {
    const files = await objectFiles(platform.objectsDirectory);
    return [...files].filter(([, byteCount]) => byteCount > limits.free).map(([key]) => key);
  };
  const before = await large();
  await platform.of('workers')[0]!.kill9();
  await traffic.paid();
  for (const key of (await large()).filter((one) => !before.includes(one)))
    await rm(join(platform.objectsDirectory, key));
  await platform.startProcess('workers');
}

/** The bridge says nothing for a while: its breaker opens, and closes again. */
async function slowBridge({ bridge }: Scene, traffic: Traffic): Promise<void> {
  bridge.mood = 500;
  await traffic.some(5);
  await wait(PAUSE_MS * 20);
  bridge.mood = 'taking';
}
