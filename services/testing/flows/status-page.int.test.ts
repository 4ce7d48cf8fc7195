import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { PlatformStatus } from '@bundler/contract';
import { BrowserPage } from '../src/browser.ts';
import { describeUnless, Platform, type PlatformProcess, until } from '../src/index.ts';
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.ts';
import { findChromium } from '../src/tools/chromium.ts';

const PATIENCE_MS = 60_000;
const artifact = (name: string): string => fileURLToPath(new URL(`../../../.cache/artifacts/${name}`, import.meta.url));
const chromium = await findChromium(process.env, (line) => console.info(line));
const missing = typeof chromium === 'string' ? chromium : undefined;

/** The least contrast that text needs to be read by most people (WCAG 2.2, 1.4.3), and what the page has at worst. */
const CONTRAST = 4.5;
const WORST_CONTRAST = `(() => {
  const light = (colour) => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255);
    const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const ratios = [...document.querySelectorAll('main *')].map((element) => {
    const ink = light(getComputedStyle(element).color);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  });
  return Math.min(...ratios);
})()`;

describe('the status page', () => {
  let platform: Platform;
  let api: PlatformProcess;
  const wires: Record<string, TcpProxy> = {};

  beforeAll(async () => {
    platform = await Platform.start({ apis: 0, workers: 1, env: { DB_ACQUIRE_TIMEOUT: '1000' } });
    const { queue, cache } = platform.servers;
    const urls = {
      DB_WRITER_URL: platform.database.url,
      REDIS_QUEUE_URL: queue.running.url,
      REDIS_CACHE_URL: cache.running.url,
      ARWEAVE_GATEWAY: platform.gateway.url,
    };
    const env: Record<string, string> = {};
    for (const [variable, text] of Object.entries(urls)) {
      const url = new URL(text);
      const wire = await startTcpProxy(Number(url.port));
      wires[variable] = wire;
      url.port = String(wire.port);
      env[variable] = url.href;
    }
    api = await platform.startProcess('upload', env);
  }, 120_000);
  afterAll(async () => {
    await platform?.stop();
    for (const wire of Object.values(wires)) await wire.close();
  });

  const read = async (): Promise<PlatformStatus> =>
    (await (await fetch(`${api.url}/status.json`)).json()) as PlatformStatus;
  const becomes = (wanted: (status: PlatformStatus) => boolean): Promise<void> =>
    until(async () => wanted(await read()), PATIENCE_MS);

  /** Cuts the wire to a server, looks, and mends it. */
  async function without(variable: string, look: () => Promise<void>): Promise<void> {
    const wire = wires[variable]!;
    wire.open = false;
    wire.cut();
    try {
      await look();
    } finally {
      wire.open = true;
    }
    await becomes(({ status }) => status === 'ok');
  }

  it('says that everything works, and shows the last bundle on its way', async () => {
    await becomes(({ status }) => status === 'ok');
    const body = await createDataItem({ signer: ed25519Signer(randomBytes(32)), data: randomBytes(500) });
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await fetch(`${api.url}/v1/tx`, { method: 'POST', body, headers })).status).toBe(200);
    await becomes(({ lastBundle }) => typeof lastBundle?.id === 'string');
    const status = await read();
    expect(status.lastBundle).toMatchObject({ itemCount: 1, id: expect.stringMatching(/^[\w-]{43}$/) });
    expect(status.parts).toEqual({
      database: 'up',
      objectStore: 'up',
      queues: 'up',
      cache: 'up',
      workers: 'up',
      gateway: 'up',
      payment: 'off',
    });
    expect(status.queues?.find(({ queue }) => queue === 'plan')).toMatchObject({ workers: 1 });
  }, 120_000);

  it.each([
    ['REDIS_CACHE_URL', 'cache', 'degraded'],
    ['REDIS_QUEUE_URL', 'queues', 'degraded'],
    ['ARWEAVE_GATEWAY', 'gateway', 'degraded'],
    ['DB_WRITER_URL', 'database', 'down'],
  ] as const)(
    'is answered without %s, names the part, and tells nothing of where it is',
    async (variable, part, state) => {
      await without(variable, async () => {
        await becomes(({ parts, status }) => parts[part] === 'down' && status === state);
        for (const path of ['/status', '/status.json']) {
          const answer = await fetch(api.url + path);
          const text = await answer.text();
          expect(answer.status).toBe(200);
          expect(text).not.toMatch(/127\.0\.0\.1|localhost|ECONN|redis:|postgres:|Error:|\/tmp/i);
          expect(text).not.toContain(String(wires[variable]!.port));
        }
      });
    },
    180_000,
  );

  it('asks once for all who ask', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, read));
    expect(new Set(answers.map(({ checkedAt }) => checkedAt)).size).toBeLessThanOrEqual(2);
  }, 60_000);

  describeUnless(missing, 'in a real browser', () => {
    let page: BrowserPage;
    beforeAll(async () => {
      if (typeof chromium === 'string') throw new Error(chromium);
      page = await BrowserPage.open(chromium);
      await becomes(({ status }) => status === 'ok');
      // What the page does every ten seconds, at hand as `tick` too.
      await page.beforeItsOwnScripts(
        `const native = setInterval; globalThis.setInterval = (tick, ms) => native((globalThis.tick = tick), ms)`,
      );
      await page.visit(`${api.url}/status`);
      await until(() => page.evaluate<boolean>(`document.querySelector('h1') !== null`), PATIENCE_MS);
    }, 120_000);
    afterAll(() => page?.close());

    const headline = (): Promise<string> => page.evaluate(`document.querySelector('h1').textContent`);

    it('is its own text alone, in a policy that lets nothing else in', async () => {
      expect(await headline()).toBe('Everything works');
      expect(await page.evaluate(`performance.getEntriesByType('resource').map(({ name }) => name)`)).toEqual([]);
      // What the policy forbids does not run: neither a style nor a script of somebody else's.
      const planted = `(() => {
        document.body.insertAdjacentHTML('beforeend', '<p id="planted" style="color: rgb(1, 2, 3)">x</p>');
        const script = document.createElement('script');
        script.textContent = 'globalThis.planted = true';
        document.body.append(script);
        const colour = getComputedStyle(document.querySelector('#planted')).color;
        document.querySelector('#planted').remove();
        return [colour === 'rgb(1, 2, 3)', globalThis.planted === true];
      })()`;
      expect(await page.evaluate(planted)).toEqual([false, false]);
    }, 60_000);

    it('can be read by light and in the dark, by everybody', async () => {
      for (const colours of ['light', 'dark'] as const) {
        await page.prefer(colours);
        expect(await page.evaluate(WORST_CONTRAST)).toBeGreaterThanOrEqual(CONTRAST);
        await page.screenshot(artifact(`status-${colours}.png`));
        expect((await stat(artifact(`status-${colours}.png`))).size).toBeGreaterThan(5000);
      }
      expect(await page.evaluate(`document.documentElement.lang`)).toBe('en');
      expect(await page.evaluate(`document.querySelectorAll('th:not([scope])').length`)).toBe(0);
      expect(await page.evaluate(`document.querySelector('input').labels.length`)).toBe(1);
    }, 60_000);

    it('refreshes itself without being loaded anew, unless it is told to hold still', async () => {
      await page.evaluate('void (globalThis.mark = 1)');
      await without('REDIS_QUEUE_URL', async () => {
        await until(async () => (await headline()).startsWith('Uploads are accepted; some'), PATIENCE_MS);
        expect(await page.evaluate(`document.querySelector('#state').textContent`)).toContain('do not answer');
        expect(await page.evaluate(`document.querySelector('#still').checkVisibility()`)).toBe(true);
        await page.evaluate(`document.querySelector('#still').click()`);
      });
      const shown = await page.evaluate<string>(`document.querySelector('#state').textContent`);
      await page.evaluate('tick()');
      expect(await page.evaluate(`document.querySelector('#state').textContent`)).toBe(shown);
      await page.evaluate(`document.querySelector('#still').click()`);
      await until(async () => (await headline()) === 'Everything works', PATIENCE_MS);
      expect(await page.evaluate('globalThis.mark')).toBe(1);
    }, 240_000);
  });
});
