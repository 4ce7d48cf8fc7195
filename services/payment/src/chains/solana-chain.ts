import { base58 } from '@scure/base';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Sighting } from '../ledger/judge-top-up.ts';
import type { Node } from './ask-json.ts';
import { beneficiaryIn } from './beneficiary.ts';
import { type Chain, ChainUnavailable, WrongChain } from './chain.ts';
import { callNode } from './json-rpc.ts';
import { once } from './once.ts';

interface Options {
  readonly node: Node;
  readonly wallet: string;
  /** Hash of its first block. */
  readonly genesis: string;
}

/** Lamports; what exceeds the numbers of JSON is more than anybody pays at once. */
const Lamports = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const SystemTransfer = Type.Object({
  programId: Type.Literal('11111111111111111111111111111111'),
  parsed: Type.Object({
    type: Type.Literal('transfer'),
    info: Type.Object({ source: Type.String(), destination: Type.String(), lamports: Lamports }),
  }),
});
/** Both programs for memos that are in use. */
const Memo = Type.Object({
  programId: Type.Enum(['MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr', 'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo']),
  parsed: Type.String(),
});
const Transaction = Type.Object({
  slot: Type.Integer({ minimum: 0 }),
  meta: Type.Object({
    err: Type.Unknown(),
    preBalances: Type.Array(Type.Integer({ minimum: 0 })),
    postBalances: Type.Array(Type.Integer({ minimum: 0 })),
  }),
  transaction: Type.Object({
    signatures: Type.Array(Type.String()),
    message: Type.Object({
      accountKeys: Type.Array(Type.Object({ pubkey: Type.String() })),
      instructions: Type.Array(Type.Unknown()),
    }),
  }),
});
type Transaction = Static<typeof Transaction>;
const Statuses = Type.Object({ value: Type.Tuple([Type.Union([Type.Object({}), Type.Null()])]) });

const SIGNATURE_BYTES = 64;

/** SOL. Only what is finalized is looked at, so one sighting is enough. */
export class SolanaChain implements Chain {
  readonly token = 'solana';
  readonly decimals = 9;
  readonly rateOf = 'solana';
  readonly minConfirmations = 1;
  readonly wallet: string;
  readonly verify: () => Promise<void>;
  readonly #node: Node;

  constructor({ genesis, node, wallet }: Options) {
    this.wallet = wallet;
    this.#node = node;
    this.verify = once(async () => {
      const hash = await callNode(node, 'getGenesisHash', [], Type.String());
      if (hash !== genesis)
        throw new WrongChain(`${node.url.host}: tells of the cluster ${hash}, but the one that is meant is ${genesis}`);
    });
  }

  idOf(text: string): string | undefined {
    // The least and the most digits that so many bytes have; base58 takes long to read.
    if (text.length < 64 || text.length > 88) return undefined;
    try {
      return base58.decode(text).length === SIGNATURE_BYTES ? text : undefined;
    } catch {
      return undefined;
    }
  }

  async find(id: string): Promise<Sighting> {
    await this.verify();
    const how = { commitment: 'finalized', encoding: 'jsonParsed', maxSupportedTransactionVersion: 0 };
    const found = await callNode(this.#node, 'getTransaction', [id, how], Type.Union([Transaction, Type.Null()]));
    if (found === null) {
      const asked = [[id], { searchTransactionHistory: true }];
      const { value } = await callNode(this.#node, 'getSignatureStatuses', asked, Statuses);
      return value[0] === null ? 'unknown' : 'waiting';
    }
    if (found.transaction.signatures[0] !== id)
      throw new ChainUnavailable(`${this.#node.url.host}: told of another transaction than the one it was asked about`);
    if (found.meta.err !== null) return 'failed';
    return { ...this.#paid(found), confirmations: 1, blockHeight: found.slot };
  }

  /**
   * What plain transfers of one sender brought. Not more than the wallet has gained by it: a transaction may take out in one
   * instruction what it has put in with another.
   */
  #paid({ meta, transaction: { message } }: Transaction) {
    const { accountKeys, instructions } = message;
    const transfers = instructions
      .filter((instruction) => Value.Check(SystemTransfer, instruction))
      .map(({ parsed }) => parsed.info)
      .filter(({ destination }) => destination === this.wallet);
    const senders = [...new Set(transfers.map(({ source }) => source))];
    const beneficiary = instructions
      .filter((instruction) => Value.Check(Memo, instruction))
      .map(({ parsed }) => beneficiaryIn(parsed))
      .find((named) => named !== undefined);
    const place = accountKeys.findIndex(({ pubkey }) => pubkey === this.wallet);
    const gained = BigInt(meta.postBalances[place] ?? 0) - BigInt(meta.preBalances[place] ?? 0);
    const sent = transfers.reduce((sum, { lamports }) => sum + BigInt(lamports), 0n);
    const [sender = ''] = senders;
    const recipient = senders.length === 1 ? this.wallet : undefined;
    return { recipient, sender, beneficiary, quantity: gained < sent ? gained : sent };
  }
}
