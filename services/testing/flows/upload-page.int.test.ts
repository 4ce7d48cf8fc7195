import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { servePage } from '@bundler/client/example';
import { BrowserPage } from '../src/browser.ts';
import { describeUnless, Platform, testWallet, until } from '../src/index.ts';
import { findChromium } from '../src/tools/chromium.ts';

const MiB = 1024 * 1024;
const SCREENSHOT = fileURLToPath(new URL('../../../.cache/artifacts/upload-progress.png', import.meta.url));
const chromium = await findChromium(process.env, (line) => console.info(line));
const missing = typeof chromium === 'string' ? chromium : undefined;

describeUnless(missing, 'the example page in a real browser', () => {
  let platform: Platform;
  let server: Server;
  let page: BrowserPage;
  let url: string;

  beforeAll(async () => {
    if (typeof chromium === 'string') throw new Error(chromium);
    platform = await Platform.start({ env: { FREE_UPLOAD_LIMIT: String(16 * MiB), ARWEAVE_CONFIRMATIONS: '3' } });
    const config = { uploadUrl: platform.of('upload')[0]!.url, gatewayUrl: platform.gateway.url };
    server = await servePage(config, 0);
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    page = await BrowserPage.open(chromium);
  }, 120_000);
  afterAll(async () => {
    await page?.close();
    server?.close();
    server?.closeAllConnections();
    await platform?.stop();
  }, 30_000);

  const text = (selector: string): Promise<string> =>
    page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`);
  const listens = (): Promise<boolean> =>
    page.evaluate(`document.querySelectorAll('#stages li').length > 0 && document.readyState === 'complete'`);

  async function uploadBy(key: string, file: Buffer): Promise<Buffer> {
    await page.visit(url);
    await until(() => listens().catch(() => false), 30_000);
    const path = join(platform.objectsDirectory, '..', `file-${key}`);
    await writeFile(path, file);
    await page.evaluate(`document.querySelector('[value=${key}]').click()`);
    if (key === 'wallet') {
      const wallet = join(platform.objectsDirectory, '..', 'browser-wallet.json');
      await writeFile(wallet, JSON.stringify(await testWallet()));
      await page.chooseFile('#wallet', wallet);
    }
    await page.chooseFile('#file', path);
    await page.evaluate(
      `globalThis.shown = []; void setInterval(() => shown.push(document.querySelector('#bar').value), 20)`,
    );
    await page.evaluate(`document.querySelector('#upload').click()`);
    await until(async () => {
      const failure = await text('#failure');
      if (failure !== '') throw new Error(failure);
      return page.evaluate<boolean>(`!document.querySelector('#done').hidden`);
    }, 60_000);
    const answer = await fetch(await text('#link'));
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  }

  it('signs with a new key, uploads with a progress bar, follows to permanent, and the gateway has the same bytes', async () => {
    const file = randomBytes(5 * MiB);
    await page.slowDown(3 * MiB);
    expect((await uploadBy('ed25519', file)).equals(file)).toBe(true);
    const shown = await page.evaluate<number[]>('shown');
    expect(shown.at(-1)).toBe(1);
    expect(shown.filter((value) => value > 0 && value < 1).length).toBeGreaterThan(0);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(await text('#bytes')).toMatch(/^5,243,\d{3} of 5,243,\d{3} bytes sent$/);
    const done = await page.evaluate(`[...document.querySelectorAll('[data-done]')].map((one) => one.textContent)`);
    expect(done).toEqual(['accepted', 'planned', 'posted', 'seeded', 'permanent']);
    await page.evaluate(`scrollTo(0, 0)`);
    await page.screenshot(SCREENSHOT);
    expect((await stat(SCREENSHOT)).size).toBeGreaterThan(5000);
    expect((await readFile(SCREENSHOT)).subarray(1, 4).toString()).toBe('PNG');
  }, 120_000);

  it("signs with a visitor's own Arweave wallet", async () => {
    const file = randomBytes(1000);
    expect((await uploadBy('wallet', file)).equals(file)).toBe(true);
  }, 120_000);
});
