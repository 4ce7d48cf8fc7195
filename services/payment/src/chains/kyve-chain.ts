import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Sighting } from '../ledger/judge-top-up.ts';
import { askJson, type Node, told } from './ask-json.ts';
import { beneficiaryIn } from './beneficiary.ts';
import { type Chain, ChainUnavailable, WrongChain } from './chain.ts';
import { once } from './once.ts';

interface Options {
  /** Of the REST API of a node. */
  readonly node: Node;
  readonly wallet: string;
  readonly chainId: string;
  readonly denom: string;
}

const Amount = Type.String({ pattern: '^[0-9]{1,60}$' });
const Send = Type.Object({
  '@type': Type.Literal('/cosmos.bank.v1beta1.MsgSend'),
  from_address: Type.String(),
  to_address: Type.String(),
  amount: Type.Array(Type.Object({ denom: Type.String(), amount: Amount })),
});
const Found = Type.Object({
  tx: Type.Object({ body: Type.Object({ messages: Type.Array(Type.Unknown()), memo: Type.String() }) }),
  tx_response: Type.Object({ height: Amount, txhash: Type.String(), code: Type.Integer() }),
});
type Found = Static<typeof Found>;
const NodeInfo = Type.Object({ default_node_info: Type.Object({ network: Type.String() }) });
/** gRPC's code for what is not there, in the body of such an answer. */
const NotFound = Type.Object({ code: Type.Literal(5) });

const ID = /^[0-9A-F]{64}$/;

/** KYVE. A block of its chain is final, so one sighting is enough. */
export class KyveChain implements Chain {
  readonly token = 'kyve';
  readonly decimals = 6;
  readonly rateOf = 'kyve-network';
  readonly minConfirmations = 1;
  readonly wallet: string;
  readonly verify: () => Promise<void>;
  readonly #node: Node;
  readonly #denom: string;

  constructor({ chainId, denom, node, wallet }: Options) {
    this.wallet = wallet;
    this.#node = node;
    this.#denom = denom;
    this.verify = once(async () => {
      const { json } = await askJson(at(node, '/cosmos/base/tendermint/v1beta1/node_info'));
      const { network } = told(NodeInfo, json, node).default_node_info;
      if (network !== chainId)
        throw new WrongChain(
          `${node.url.host}: tells of the chain ${network}, but the one that is meant is ${chainId}`,
        );
    });
  }

  idOf(text: string): string | undefined {
    const id = text.toUpperCase();
    return ID.test(id) ? id : undefined;
  }

  async find(id: string): Promise<Sighting> {
    await this.verify();
    const { json } = await askJson(at(this.#node, `/cosmos/tx/v1beta1/txs/${id}`));
    if (Value.Check(NotFound, json)) return 'unknown';
    const found = told(Found, json, this.#node);
    if (found.tx_response.txhash.toUpperCase() !== id)
      throw new ChainUnavailable(`${this.#node.url.host}: told of another transaction than the one it was asked about`);
    const blockHeight = Number(found.tx_response.height);
    if (blockHeight === 0) return 'waiting';
    if (found.tx_response.code !== 0) return 'failed';
    return { ...this.#paid(found), confirmations: 1, blockHeight };
  }

  /** What plain transfers of one sender brought; what is inside of other messages has a sender of another kind. */
  #paid({ tx: { body } }: Found) {
    const sends = body.messages
      .filter((message) => Value.Check(Send, message))
      .filter(({ to_address }) => to_address === this.wallet);
    const senders = [...new Set(sends.map(({ from_address }) => from_address))];
    const coins = sends.flatMap(({ amount }) => amount).filter(({ denom }) => denom === this.#denom);
    const [sender = ''] = senders;
    return {
      recipient: senders.length === 1 ? this.wallet : undefined,
      sender,
      beneficiary: beneficiaryIn(body.memo),
      quantity: coins.reduce((sum, { amount }) => sum + BigInt(amount), 0n),
    };
  }
}

/** The same node at another path, below the one that its URL has; its query may hold a key. */
function at(node: Node, path: string): Node {
  const url = new URL(node.url);
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  return { ...node, url };
}
