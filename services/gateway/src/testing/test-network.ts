import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Arweave from 'arweave';
import type Transaction from 'arweave/node/lib/transaction.js';
import { type Gateway, type GatewayOptions, startGateway } from '../gateway.ts';
import { ann } from './wallets.ts';

/** What the network answered. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A signed transaction of arweave-js with its chunks. */
export type SignedTx = Transaction.default;

/** What a transaction is made of, beside its data. */
export interface TxOptions {
  readonly tags?: Readonly<Record<string, string>>;
  readonly jwk?: typeof ann.jwk;
  readonly last_tx?: string;
  readonly reward?: string;
}

/** A gateway on a data directory of its own, and unmodified arweave-js before it. */
export class TestNetwork {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'gateway-'));
  private started: Gateway | undefined;
  private options: Partial<GatewayOptions> = {};

  /** Starts the gateway, or starts it again on what it left behind. `ann` is rich. */
  async start(options: Partial<GatewayOptions> = this.options): Promise<void> {
    this.options = options;
    this.started = await startGateway({ ...options, dataDir: this.dataDir });
    if (this.gateway.balance(ann.address) === 0n) this.gateway.mint(ann.address, 10n ** 15n);
  }

  get gateway(): Gateway {
    if (!this.started) throw new Error('Start the network first');
    return this.started;
  }

  get client(): Arweave {
    return Arweave.init({ host: '127.0.0.1', port: this.gateway.port, protocol: 'http' });
  }

  /** Stops the gateway and keeps its files. */
  async stop(): Promise<void> {
    await this.started?.close();
    this.started = undefined;
  }

  /** Stops the gateway and removes its files. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** A transaction, signed, not posted. */
  async sign(data: Uint8Array, { tags = {}, jwk = ann.jwk, ...attributes }: TxOptions = {}): Promise<SignedTx> {
    const tx = await this.client.createTransaction({ data, ...attributes }, jwk);
    for (const [name, value] of Object.entries(tags)) tx.addTag(name, value);
    await this.client.transactions.sign(tx, jwk);
    return tx;
  }

  /** Posts a transaction and its chunks with the uploader of arweave-js. */
  async upload(data: Uint8Array, options: TxOptions = {}): Promise<SignedTx> {
    const tx = await this.sign(data, options);
    const uploader = await this.client.transactions.getUploader(tx);
    while (!uploader.isComplete) await uploader.uploadChunk();
    return tx;
  }

  /** Posts the header alone. */
  async postHeader(tx: SignedTx, changes: object = {}): Promise<Answer> {
    return this.post('/tx', { ...tx.toJSON(), data: '', ...changes });
  }

  /** Posts a chunk, changed if told so. */
  async postChunk(tx: SignedTx, data: Uint8Array, index: number, changes: object = {}): Promise<Answer> {
    return this.post('/chunk', { ...tx.getChunk(index, data), ...changes });
  }

  async post(path: string, body: unknown): Promise<Answer> {
    return this.ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.gateway.url + path, init);
    return { status: response.status, text: await response.text() };
  }
}
