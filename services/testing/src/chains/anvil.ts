import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { freePort } from '@bundler/standalone/embedded';
import { until } from '../until.ts';

/** What is sent, in the words of JSON-RPC. */
export interface AnvilTransaction {
  readonly from: string;
  readonly to: string;
  readonly value?: bigint;
  readonly data?: string;
  /** Given where the node could not guess it, because the transaction fails. */
  readonly gas?: number;
}

const START_MS = 30_000;

/** Where anvil is, or why it is not: its package has no program for every platform. */
export function findAnvil(): { readonly missing: string | undefined; start(chainId: number): Promise<Anvil> } {
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  try {
    const program = createRequire(import.meta.url).resolve(`${name}/bin/anvil`);
    return { missing: undefined, start: (chainId) => Anvil.start(program, chainId) };
  } catch {
    const missing = `${name} is not installed; see that npm ci was run with optional packages`;
    return { missing, start: () => Promise.reject(new Error(missing)) };
  }
}

/** A node of a chain of Ethereum's kind that has no other nodes: blocks are mined when a test says so. */
export class Anvil {
  readonly url: string;
  readonly #child: ChildProcess;
  /** Accounts that it has keys and money for. */
  accounts: readonly string[] = [];

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(program: string, chainId: number): Promise<Anvil> {
    const port = await freePort();
    const args = [
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--chain-id',
      String(chainId),
      '--no-mining',
      '--silent',
    ];
    const child = spawn(program, args, { stdio: 'ignore' });
    const anvil = new Anvil(`http://127.0.0.1:${port}`, child);
    await until(
      () =>
        anvil.call<string>('eth_chainId').then(
          () => true,
          () => false,
        ),
      START_MS,
    );
    anvil.accounts = await anvil.call<string[]>('eth_accounts');
    return anvil;
  }

  async call<Result = unknown>(method: string, params: readonly unknown[] = []): Promise<Result> {
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { error, result } = (await answer.json()) as { result: Result; error?: { message: string } };
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** @returns the id of a transaction that waits for a block */
  send({ data, from, gas, to, value = 0n }: AnvilTransaction): Promise<string> {
    const wanted = { from, to, value: hex(value), ...(data && { data }), ...(gas && { gas: hex(BigInt(gas)) }) };
    return this.call<string>('eth_sendTransaction', [wanted]);
  }

  async mine(blocks: number): Promise<void> {
    await this.call('anvil_mine', [hex(BigInt(blocks))]);
  }

  /** Puts a program at an address. */
  async setCode(address: string, code: string): Promise<void> {
    await this.call('anvil_setCode', [address, code]);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;
