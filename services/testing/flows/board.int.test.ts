import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOARD_PREFIX } from '@bundler/contract';
import { BrowserPage } from '../src/browser.ts';
import { describeUnless, failJob, Platform, type PlatformProcess, until } from '../src/index.ts';
import { findChromium } from '../src/tools/chromium.ts';

const PATIENCE_MS = 60_000;
const KEY = randomBytes(32).toString('base64url');
const SECRET = 'hunter2-in-a-payload';
const chromium = await findChromium(process.env, (line) => console.info(line));
const missing = typeof chromium === 'string' ? chromium : undefined;

describe('the board of queues', () => {
  let platform: Platform;
  let admin: PlatformProcess;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundler-board-'));
    const keys = join(directory, 'keys');
    await writeFile(keys, `${createHash('sha256').update(KEY).digest('hex')} alice\n`);
    platform = await Platform.start({
      apis: 0,
      workers: 0,
      env: { ADMIN_KEYS_FILE: keys, BOARD_ENABLED: 'true' },
    });
    admin = await platform.startProcess('admin');
    await failJob(platform, 'post', { bundleId: 'b', password: SECRET }, 'the gateway said no');
  }, 120_000);
  afterAll(async () => {
    await platform?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${admin.url}${BOARD_PREFIX}${path}`, { redirect: 'manual', ...init });
  const logIn = (key: string): Promise<Response> =>
    ask('/login', { method: 'POST', body: new URLSearchParams({ key }) });
  const session = async (): Promise<{ cookie: string }> => ({
    cookie: ((await logIn(KEY)).headers.get('set-cookie') ?? '').split(';')[0]!,
  });

  it('shows nothing to whoever has not logged in, and sends a person to the login', async () => {
    for (const path of ['/', '/api/queues', '/queue/post', '/static/favicon.ico']) {
      expect((await ask(path)).status).toBe(401);
      expect((await ask(path, { headers: { cookie: `bundler-board=${'a'.repeat(43)}` } })).status).toBe(401);
    }
    const person = await ask('/', { headers: { accept: 'text/html' } });
    expect([person.status, person.headers.get('location')]).toEqual([303, `${BOARD_PREFIX}/login`]);
    expect((await logIn(`${KEY}x`)).status).toBe(401);
  });

  it('gives a cookie that no script can read and no other site can send', async () => {
    const answer = await logIn(KEY);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^bundler-board=[\w-]{43}; Path=\/board; HttpOnly; SameSite=Strict; Max-Age=28800$/,
    );
  });

  it('shows queues and jobs without what is secret in them', async () => {
    const headers = await session();
    const text = await (await ask('/api/queues?activeQueue=post&status=failed&page=1', { headers })).text();
    expect(text).toContain('the gateway said no');
    expect(text).not.toContain(SECRET);
  });

  it('changes nothing, whoever asks', async () => {
    const headers = await session();
    const acts = [
      ['PUT', '/api/queues/post/pause'],
      ['PUT', '/api/queues/post/retry/failed'],
      ['PUT', '/api/queues/post/obliterate'],
      ['PUT', '/api/queues/post/clean/failed'],
      ['POST', '/api/queues/post/add'],
      ['PUT', '/api/queues/pause'],
    ] as const;
    for (const [method, path] of acts) expect((await ask(path, { method, headers })).status).toBe(403);
    const { queues } = (await (await ask('/api/queues', { headers })).json()) as {
      queues: { name: string; isPaused: boolean; readOnlyMode: boolean; counts: Record<string, number> }[];
    };
    const post = queues.find(({ name }) => name === 'post');
    expect(post).toMatchObject({ isPaused: false, readOnlyMode: true, counts: { failed: 1 } });
  });

  it('lets nobody in who has logged out', async () => {
    const headers = await session();
    await ask('/logout', { headers });
    expect((await ask('/api/queues', { headers })).status).toBe(401);
  });

  it('does not exist where it is off', async () => {
    const off = await platform.startProcess('admin', { BOARD_ENABLED: 'false' });
    expect((await fetch(`${off.url}${BOARD_PREFIX}/login`)).status).toBe(404);
  }, 60_000);

  describeUnless(missing, 'in a browser', () => {
    it('is logged in to with a key, shows the queues, has no button that changes them, and asks no other host for anything', async () => {
      const page = await BrowserPage.open(chromium as Exclude<typeof chromium, string>);
      try {
        await page.beforeItsOwnScripts(
          'window.blocked = []; addEventListener("securitypolicyviolation", ({ blockedURI }) => blocked.push(blockedURI))',
        );
        await page.visit(`${admin.url}${BOARD_PREFIX}/`);
        const has = (selector: string) =>
          page.evaluate<boolean>(`document.querySelector(${JSON.stringify(selector)}) !== null`);
        await until(() => has('input[name=key]'), PATIENCE_MS);
        await page.evaluate(`(() => {
          document.querySelector('input[name=key]').value = ${JSON.stringify(KEY)};
          document.querySelector('form').submit();
        })()`);
        const text = () => page.evaluate<string>('document.body.innerText');
        await until(async () => (await text().catch(() => '')).includes('newDataItem'), PATIENCE_MS);
        // Its markup asks for fonts of somebody else: refused before they are asked for.
        expect(await page.evaluate<string[]>('blocked')).toEqual([
          expect.stringMatching(/^https:\/\/fonts\.googleapis\.com\//),
        ]);
        const buttons = await page.evaluate<string>(
          '[...document.querySelectorAll("button")].map((one) => one.title + one.innerText).join("|")',
        );
        expect(buttons).not.toMatch(/pause|obliterate|empty|retry/i);
      } finally {
        await page.close();
      }
    }, 120_000);
  });
});
