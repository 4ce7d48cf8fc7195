import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserPage } from '../../src/browser.ts';
import { until } from '../../src/until.ts';
import type { DrawnBoard } from './page/drawn.ts';

/** As wide as the page is laid out. */
const WIDTH = 1400;
/** Pictures stand in a repository: they are made as good as this many bytes allow. */
const MOST_BYTES = 140_000;
const QUALITIES = [85, 75, 60, 45, 30, 15];
const DRAWN_MS = 30_000;

/** Draws a board and photographs it whole, into a file of the format WebP. */
export async function picture(board: DrawnBoard, page: BrowserPage, file: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bundler-board-'));
  try {
    const path = join(directory, 'board.html');
    await writeFile(path, await html(board));
    await page.resize(WIDTH, 1000);
    await page.visit(pathToFileURL(path).href);
    await until(() => page.evaluate<boolean>(`document.body?.dataset.drawn === 'yes'`).catch(() => false), DRAWN_MS);
    await page.resize(WIDTH, await page.evaluate<number>('document.documentElement.scrollHeight'));
    for (const quality of QUALITIES) {
      await page.screenshot(file, quality);
      if ((await stat(file)).size <= MOST_BYTES) return;
    }
    throw new Error(`${file} has ${(await stat(file)).size} bytes, whatever its quality`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** One page that needs nothing else. */
async function html(board: DrawnBoard): Promise<string> {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));
  const own = (name: string): Promise<string> => readFile(new URL(`page/${name}`, import.meta.url), 'utf8');
  const [script, style, drawing, look] = await Promise.all([
    readFile(join(uplot, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(uplot, 'uPlot.min.css'), 'utf8'),
    own('draw.ts'),
    own('page.css'),
  ]);
  // No text of a board may end the script that it stands in.
  const data = JSON.stringify(board).replaceAll('<', String.raw`\u003c`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><style>${style}${look}</style></head><body>
<script>${script}</script><script>const board = ${data}</script><script type="module">${stripTypeScriptTypes(drawing)}</script>
</body></html>`;
}
