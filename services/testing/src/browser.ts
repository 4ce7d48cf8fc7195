import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'undici';
import type { Chromium } from './tools/chromium.ts';

/** Nothing of a browser that talks to anybody but the page, and no sandbox: tests may run as root. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-size=800,900',
  '--remote-debugging-port=0',
];

type Answer = { readonly id?: number; readonly result?: unknown; readonly error?: { readonly message: string } };
interface Evaluated {
  readonly result: { readonly value?: unknown; readonly objectId?: string };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

/** A page in a real browser, driven by the browser's own protocol: what is needed of it is few calls. */
export class BrowserPage {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(String(data)) as Answer;
      const waiting = this.#waiting.get(id ?? -1);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    });
    socket.addEventListener('close', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('the browser has gone'));
    });
  }

  /** Starts a browser with a profile of its own and one page. */
  static async open({ file, env }: Chromium): Promise<BrowserPage> {
    const profile = await mkdtemp(join(tmpdir(), 'bundler-browser-'));
    const child = spawn(file, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      // Its crash reporter and its caches want a home.
      env: { PATH: process.env.PATH, HOME: profile, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const endpoint = await debuggerOf(child);
    const pages = await fetch(`http://${endpoint}/json/list`);
    const [page] = ((await pages.json()) as { type: string; webSocketDebuggerUrl: string }[]).filter(
      ({ type }) => type === 'page',
    );
    const socket = new WebSocket(page!.webSocketDebuggerUrl);
    await once(socket, 'open');
    return new BrowserPage(child, profile, socket);
  }

  async visit(url: string): Promise<void> {
    await this.#call('Page.navigate', { url });
  }

  /** From now on what the page sends leaves at this rate. */
  async slowDown(bytesPerSecond: number): Promise<void> {
    await this.#call('Network.enable', {});
    const unlimited = -1;
    await this.#call('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: unlimited,
      uploadThroughput: bytesPerSecond,
    });
  }

  /** Runs in every page to come before anything of its own does. */
  async beforeItsOwnScripts(source: string): Promise<void> {
    await this.#call('Page.enable', {});
    await this.#call('Page.addScriptToEvaluateOnNewDocument', { source });
  }

  /** From now on the page is that of a person who prefers light or dark colours. */
  async prefer(colours: 'light' | 'dark'): Promise<void> {
    await this.#call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colours }] });
  }

  /** The value of an expression in the page, awaited. @throws Error with what was thrown there */
  async evaluate<Value>(expression: string): Promise<Value> {
    return (await this.#evaluate(expression, true)).value as Value;
  }

  /** Chooses a file as a person does. */
  async chooseFile(selector: string, path: string): Promise<void> {
    const { objectId } = await this.#evaluate(`document.querySelector(${JSON.stringify(selector)})`, false);
    await this.#call('DOM.setFileInputFiles', { files: [path], objectId });
  }

  /** From now on the page is that large, pixels. */
  async resize(width: number, height: number): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#call('Emulation.setDeviceMetricsOverride', metrics);
  }

  /** A PNG of what can be seen; with a quality of up to 100, a WebP. */
  async screenshot(path: string, quality?: number): Promise<void> {
    const how = quality === undefined ? { format: 'png' } : { format: 'webp', quality };
    const { data } = (await this.#call('Page.captureScreenshot', how)) as { data: string };
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.from(data, 'base64'));
  }

  async close(): Promise<void> {
    this.#socket.close();
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    // Its other processes follow it in a moment, and may still write until then.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  async #evaluate(expression: string, returnByValue: boolean): Promise<Evaluated['result']> {
    const how = { expression, returnByValue, awaitPromise: true };
    const { result, exceptionDetails: wrong } = (await this.#call('Runtime.evaluate', how)) as Evaluated;
    if (wrong) throw new Error(wrong.exception?.description ?? wrong.text);
    return result;
  }

  async #call(method: string, params: object): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params }));
    try {
      return await waiting.promise;
    } finally {
      this.#waiting.delete(id);
    }
  }
}

/** Host and port of the browser's protocol, which it tells when it is ready. */
async function debuggerOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    const endpoint = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line)?.[1];
    said.push(line);
    if (endpoint === undefined) continue;
    child.stderr!.resume();
    return endpoint;
  }
  throw new Error(`the browser did not start:\n${said.join('\n')}`);
}
