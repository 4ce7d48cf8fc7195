import { randomBytes } from 'node:crypto';
import { StandInServer } from './stand-in-server.ts';

/** One message of `bank`. */
export interface KyveSend {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly denom?: string;
  /** Of another message that moves coins; that of a plain transfer when nothing is said. */
  readonly type?: string;
}

interface Kept {
  inBlock: boolean;
  readonly answer: ReturnType<typeof answerOf>;
}

/**
 * Answers `GET /cosmos/tx/v1beta1/txs/{hash}` and `node_info` of the Cosmos SDK's REST API as
 * https://docs.cosmos.network/api describes them, about transactions that tests lay in.
 */
export class KyveStandIn {
  network = 'kyve-1';
  readonly #kept = new Map<string, Kept>();
  readonly #server = new StandInServer((path) => {
    if (path === '/cosmos/base/tendermint/v1beta1/node_info') {
      return { json: { default_node_info: { network: this.network, version: '0.38.12' }, application_version: {} } };
    }
    const hash = /^\/cosmos\/tx\/v1beta1\/txs\/([0-9A-F]{64})$/.exec(path)?.[1];
    const kept = hash === undefined ? undefined : this.#kept.get(hash);
    if (kept?.inBlock) return { json: kept.answer };
    return { status: 404, json: { code: 5, message: `tx not found: ${hash}`, details: [] } };
  });

  start(): Promise<string> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Lays in a transaction that waits for a block. @returns its hash */
  send(sends: readonly KyveSend[], { failing = false, memo = '' } = {}): string {
    const hash = randomBytes(32).toString('hex').toUpperCase();
    this.#kept.set(hash, { inBlock: false, answer: answerOf(hash, sends, memo, failing ? 5 : 0) });
    return hash;
  }

  /** Puts all that waits into a block. */
  mine(): void {
    for (const kept of this.#kept.values()) kept.inBlock = true;
  }
}

function answerOf(hash: string, sends: readonly KyveSend[], memo: string, code: number) {
  const messages = sends.map(({ amount, denom = 'ukyve', from, to, type = '/cosmos.bank.v1beta1.MsgSend' }) => ({
    '@type': type,
    from_address: from,
    to_address: to,
    amount: [{ denom, amount }],
  }));
  const tx = {
    body: { messages, memo, timeout_height: '0', extension_options: [], non_critical_extension_options: [] },
    auth_info: { signer_infos: [], fee: { amount: [], gas_limit: '200000', payer: '', granter: '' }, tip: null },
    signatures: [],
  };
  const told = { codespace: code === 0 ? '' : 'sdk', code, data: '', raw_log: '', logs: [], info: '' };
  return {
    tx,
    tx_response: {
      height: '8123456',
      txhash: hash,
      ...told,
      gas_wanted: '200000',
      gas_used: '90000',
      tx: { '@type': '/cosmos.tx.v1beta1.Tx', ...tx },
      timestamp: '2026-01-01T00:00:00Z',
      events: [],
    },
  };
}
