import { randomBytes } from 'node:crypto';
import { base58 } from '@scure/base';
import { StandInServer } from './stand-in-server.ts';

export const SOLANA_MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
const SYSTEM = '11111111111111111111111111111111';
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
const FEE = 5000;

/** One plain transfer. */
export interface SolanaTransfer {
  readonly from: string;
  readonly to: string;
  readonly lamports: number;
}

interface Kept {
  finalized: boolean;
  readonly transaction: ReturnType<typeof transactionOf>;
}

/**
 * Answers `getTransaction`, `getSignatureStatuses` and `getGenesisHash` as https://solana.com/docs/rpc/http describes them,
 * about transactions that tests lay in.
 */
export class SolanaStandIn {
  genesis = SOLANA_MAINNET;
  readonly #kept = new Map<string, Kept>();
  readonly #server = new StandInServer((_path, body) => {
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
    return { json: { jsonrpc: '2.0', id, ...this.#answer(method, params) } };
  });

  start(): Promise<string> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Lays in a transaction that is confirmed and not finalized; the first sender pays its fee. @returns its signature */
  send(
    transfers: readonly SolanaTransfer[],
    more: { readonly memo?: string; readonly failing?: boolean; readonly takenBack?: SolanaTransfer } = {},
  ): string {
    const signature = base58.encode(randomBytes(64));
    this.#kept.set(signature, { finalized: false, transaction: transactionOf(signature, transfers, more) });
    return signature;
  }

  /** Finalizes all that is there. */
  finalize(): void {
    for (const kept of this.#kept.values()) kept.finalized = true;
  }

  #answer(method: string, params: readonly unknown[]) {
    if (method === 'getGenesisHash') return { result: this.genesis };
    if (method === 'getTransaction') {
      const [signature, how] = params as [string, { commitment: string; encoding: string }];
      if (how.encoding !== 'jsonParsed') return { error: { code: -32_602, message: 'encoding' } };
      const kept = this.#kept.get(signature);
      return { result: kept && (kept.finalized || how.commitment === 'confirmed') ? kept.transaction : null };
    }
    if (method === 'getSignatureStatuses') {
      const [signatures] = params as [string[]];
      const value = signatures.map((signature) => this.#statusOf(signature));
      return { result: { context: { slot: 82 }, value } };
    }
    return { error: { code: -32_601, message: 'Method not found' } };
  }

  #statusOf(signature: string) {
    const kept = this.#kept.get(signature);
    if (!kept) return null;
    const { err } = kept.transaction.meta;
    const status = kept.finalized ? 'finalized' : 'confirmed';
    const ok = err === null ? { Ok: null } : { Err: err };
    return { slot: 72, confirmations: kept.finalized ? null : 10, err, status: ok, confirmationStatus: status };
  }
}

function transactionOf(
  signature: string,
  transfers: readonly SolanaTransfer[],
  { failing = false, memo, takenBack }: { memo?: string; failing?: boolean; takenBack?: SolanaTransfer },
) {
  const keys = [
    ...new Set([...transfers.flatMap(({ from, to }) => [from, to]), SYSTEM, ...(memo === undefined ? [] : [MEMO])]),
  ];
  const moved = failing ? [] : [...transfers, ...(takenBack ? [takenBack] : [])];
  const before = keys.map(() => 5_000_000_000_000_000);
  const after = keys.map((key, index) => {
    const gained = moved.reduce(
      (sum, { from, lamports, to }) => sum + (to === key ? lamports : 0) - (from === key ? lamports : 0),
      index === 0 ? -FEE : 0,
    );
    return before[index]! + gained;
  });
  const instructions: unknown[] = transfers.map(({ from, lamports, to }) => ({
    program: 'system',
    programId: SYSTEM,
    parsed: { type: 'transfer', info: { source: from, destination: to, lamports } },
    stackHeight: 1,
  }));
  if (memo !== undefined) instructions.push({ program: 'spl-memo', programId: MEMO, parsed: memo, stackHeight: 1 });
  return {
    slot: 430,
    blockTime: 1_700_000_000,
    version: 0,
    meta: {
      err: failing ? { InstructionError: [0, { Custom: 1 }] } : null,
      fee: FEE,
      innerInstructions: [],
      logMessages: [],
      preBalances: before,
      postBalances: after,
      preTokenBalances: [],
      postTokenBalances: [],
      rewards: [],
      computeUnitsConsumed: 150,
    },
    transaction: {
      signatures: [signature],
      message: {
        accountKeys: keys.map((pubkey, index) => ({
          pubkey,
          signer: index === 0,
          source: 'transaction',
          writable: pubkey !== SYSTEM && pubkey !== MEMO,
        })),
        instructions,
        recentBlockhash: 'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N',
        addressTableLookups: [],
      },
    },
  };
}
