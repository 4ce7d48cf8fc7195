import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, type Signer, signatureTypes } from '@bundler/ans104';
import type { Target } from '../load/platform/own-prometheus.ts';
import { PaymentLedger } from '../src/payment-ledger.ts';
import { Platform, type PlatformOptions, type PlatformProcess } from '../src/platform.ts';

/** What clients do with a platform while it is watched. */
export interface Traffic {
  /** Milliseconds from one upload to the next; none, if nothing is said. */
  readonly uploadEveryMs?: number;
  /** Milliseconds from one question for the state of an item to the next; none, if nothing is said. */
  readonly readEveryMs?: number;
}

/** Above what is free where a platform has a payment service. */
const ITEM_BYTES = 1000;
const FUNDS = 10n ** 15n;
/** How often the kubelet asks a pod whether it is ready. */
const PROBE_MS = 10_000;
const REQUEST_MS = 60_000;
const ABREAST = 4;

/** Intervals as they are in production, but for bundles that need not wait for minutes until they are full. */
const SETTINGS = {
  OVERDUE_DATA_ITEM_THRESHOLD_MS: '20000',
  PLAN_INTERVAL_MS: '5000',
  VERIFY_INTERVAL_MS: '10000',
  REDRIVE_INTERVAL_MS: '30000',
  REDRIVE_AFTER_MS: '60000',
  LOG_LEVEL: 'warn',
};
const BLOCK_MS = 5000;
/** All platforms of a drill share the cores. */
const READY_MS = 180_000;

/** A platform of its own for one fault, with clients who use it. Prometheus knows it by the fault's name. */
export class Stage {
  readonly name: string;
  readonly platform: Platform;
  readonly #signer: Signer;
  readonly #traffic: NodeJS.Timeout[] = [];

  private constructor(name: string, platform: Platform, signer: Signer) {
    this.name = name;
    this.platform = platform;
    this.#signer = signer;
  }

  static async start(name: string, options: PlatformOptions, traffic: Traffic): Promise<Stage> {
    const signer = ed25519Signer(randomBytes(32));
    const env = { ...SETTINGS, ...options.env };
    const platform = await Platform.start({ blockIntervalMs: BLOCK_MS, readyTimeoutMs: READY_MS, ...options, env });
    const stage = new Stage(name, platform, signer);
    if (options.payment) await giveCredits(platform, signatureTypes[2].nativeAddress(signer.owner));
    const { readEveryMs, uploadEveryMs } = traffic;
    if (uploadEveryMs) stage.#every(uploadEveryMs, () => stage.upload());
    if (readEveryMs) stage.#every(readEveryMs, () => stage.#read());
    stage.#every(PROBE_MS, () => Promise.all(platform.processes.map(probe)));
    return stage;
  }

  /** The first process of a role. */
  process(role: PlatformProcess['role']): PlatformProcess {
    return this.platform.of(role)[0]!;
  }

  /** Its processes as the monitor of pods labels them. */
  get targets(): Target[] {
    return this.platform.processes.map((one) => ({
      address: new URL(one.adminUrl).host,
      component: one.role,
      labels: {
        namespace: 'drill',
        config: this.name,
        pod: `${this.name}-${one.role}-${this.platform.of(one.role).indexOf(one)}`,
      },
    }));
  }

  /** Sends one new item; what becomes of it is the alerts' to tell. */
  async upload(): Promise<void> {
    const item = await createDataItem({ signer: this.#signer, data: randomBytes(ITEM_BYTES) });
    const headers = { 'content-type': 'application/octet-stream' };
    await this.#send('/v1/tx', { method: 'POST', headers, body: new Uint8Array(item) });
  }

  /** Sends so many new items, some of them at once. */
  async uploadMany(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += ABREAST) {
      await Promise.all(Array.from({ length: ABREAST }, () => this.upload()));
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#traffic) clearInterval(timer);
    await this.platform.stop();
  }

  #read(): Promise<void> {
    return this.#send(`/v1/tx/${randomBytes(32).toString('base64url')}/status`);
  }

  async #send(path: string, init: RequestInit = {}): Promise<void> {
    const signal = AbortSignal.timeout(REQUEST_MS);
    const answer = await fetch(this.process('upload').url + path, { ...init, signal }).catch(() => undefined);
    await answer?.body?.cancel().catch(() => undefined);
  }

  /** At a fixed rate, whether what was sent before has been answered or not: as clients do who know nothing of each other. */
  #every(milliseconds: number, work: () => Promise<unknown>): void {
    this.#traffic.push(setInterval(() => void work().catch(() => undefined), milliseconds));
  }
}

async function probe({ adminUrl }: PlatformProcess): Promise<void> {
  const answer = await fetch(`${adminUrl}/ready`, { signal: AbortSignal.timeout(PROBE_MS) });
  await answer.body?.cancel();
}

async function giveCredits(platform: Platform, address: string): Promise<void> {
  const ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  try {
    await ledger.credit(address, FUNDS);
  } finally {
    await ledger.close();
  }
}
