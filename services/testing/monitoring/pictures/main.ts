/**
 * The live proof at length, and its pictures: a platform with an operator under every kind of traffic for some minutes, every
 * query of every panel asked of the Prometheus that scrapes it, and each board photographed into docs/boards.
 *
 *   make board-pictures MINUTES=6
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BoardName, boardNames, boards } from '@bundler/dashboards';
import { metricsIn } from '@bundler/dashboards/queries';
import { findControlPlane } from '../../kube/index.ts';
import { BrowserPage } from '../../src/browser.ts';
import { findChromium } from '../../src/tools/chromium.ts';
import { findPrometheus } from '../../src/tools/prometheus.ts';
import { Asking, type Window } from '../live/ask.ts';
import { look, offered } from '../live/look.ts';
import { openScene } from '../live/scene.ts';
import { unseen } from '../live/unseen.ts';
import { troubleWith } from '../live/verdict.ts';
import { drawn } from './drawing.ts';
import { fewMinutes } from './few-minutes.ts';
import { picture } from './picture.ts';

const root = join(import.meta.dirname, '../../../..');
const VARIABLES = ['namespace', 'config', 'pod', 'queue'];
/** Queues whose rows are drawn. */
const QUEUES = ['plan', 'prepare'];
/** Points of a line. */
const POINTS = 300;
const print = (line: string): void => console.log(line);

const minutes = Number(process.env.MINUTES || '6');
if (!(minutes >= 2)) throw new Error(`MINUTES=${process.env.MINUTES}: give 2 or more`);
const [prometheus, kube, chromium] = [
  await findPrometheus(process.env),
  await findControlPlane(process.env),
  await findChromium(process.env, print),
];
const missing = prometheus.missing ?? kube.missing ?? (typeof chromium === 'string' ? chromium : undefined);
if (missing !== undefined || typeof chromium === 'string') throw new Error(missing);

const plane = await kube.start();
const closing: (() => Promise<unknown>)[] = [() => plane.stop()];
try {
  print('Starting a platform, an operator and a Prometheus');
  const scene = await openScene({
    prometheus: prometheus.paths!.prometheus,
    cluster: plane,
    ownPostgres: true,
    namespace: 'bundler',
  });
  closing.push(() => scene.close());
  const from = Date.now() / 1000;
  await fewMinutes(scene, minutes, print);
  const to = Date.now() / 1000;
  await scene.prometheus.scrapedSince(to);
  const page = await BrowserPage.open(chromium);
  closing.push(() => page.close());
  await mkdir(join(root, 'docs/boards'), { recursive: true });
  const asking = new Asking(scene.prometheus.url);
  const troubles: string[] = [];
  for (const name of boardNames)
    troubles.push(...(await show(name, asking, page, { from, to, step: (to - from) / POINTS })));
  print(troubles.length === 0 ? 'Every panel shows something or says why not.' : `FAILED:\n${troubles.join('\n')}`);
  process.exitCode = troubles.length === 0 ? 0 : 1;
} finally {
  for (const close of closing.toReversed()) await close();
}

async function show(name: BoardName, asking: Asking, page: BrowserPage, window: Window): Promise<string[]> {
  const board = boards[name];
  const seen = await look(board, await offered(board, asking, VARIABLES), asking, window);
  const when = `${minutes} minutes on one machine, ${new Date(window.to * 1000).toISOString().slice(0, 10)}.`;
  await picture(drawn({ board, seen, when, repeated: QUEUES }), page, join(root, `docs/boards/${name}.webp`));
  const empty = seen.filter(({ answers }) => answers.every(({ series }) => series.length === 0));
  print(`${name}: ${seen.length} panels, ${empty.length} empty (${empty.map(({ panel }) => panel.title).join(', ')})`);
  return seen.flatMap((one) => troubleWith(one, unseen, metricsIn)).map((trouble) => `${name}: ${trouble}`);
}
