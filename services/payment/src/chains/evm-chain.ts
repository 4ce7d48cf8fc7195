import { checksumAddress } from '@bundler/ans104';
import { type Static, Type } from 'typebox';
import type { ChainTransaction, Sighting } from '../ledger/judge-top-up.ts';
import type { Node } from './ask-json.ts';
import { beneficiaryIn } from './beneficiary.ts';
import { type Chain, ChainUnavailable, WrongChain } from './chain.ts';
import { callNode } from './json-rpc.ts';
import { once } from './once.ts';

/** A coin of a network, or a contract's token on it. */
export interface EvmToken {
  readonly token: string;
  readonly decimals: number;
  readonly rateOf: string;
  /** Of ERC-20; undefined for the network's own coin. */
  readonly contract?: string;
}

export interface EvmOptions {
  readonly network: EvmNode;
  readonly wallet: string;
  readonly minConfirmations: number;
}

const Quantity = Type.String({ pattern: '^0x[0-9a-f]{1,64}$' });
const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$' });
const Address = Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' });
const Bytes = Type.String({ pattern: '^0x[0-9a-fA-F]*$' });

const Transaction = Type.Object({
  hash: Hash,
  from: Address,
  to: Type.Union([Address, Type.Null()]),
  value: Quantity,
  input: Bytes,
});
const Log = Type.Object({ address: Address, topics: Type.Array(Hash), data: Bytes });
const Receipt = Type.Object({
  transactionHash: Hash,
  blockHash: Hash,
  blockNumber: Quantity,
  status: Quantity,
  logs: Type.Array(Log),
});
const Block = Type.Object({ hash: Hash });
type Transaction = Static<typeof Transaction>;
type Receipt = Static<typeof Receipt>;

const ID = /^0x[0-9a-f]{64}$/;
/** `transfer(address,uint256)`, and the event with which a token tells of what it moved. */
const TRANSFER_CALL = '0xa9059cbb';
const TRANSFER_EVENT = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
/** Hexadecimal digits before the arguments of a call, and of one argument. */
const [SELECTOR, WORD] = [TRANSFER_CALL.length, 64];
/** No memo that names an address is longer, hexadecimal digits. */
const MEMO = 512;

/** A network of Ethereum's kind, by one of its nodes. */
export class EvmNode {
  readonly node: Node;
  /** Sees that the node tells of the network that is meant. */
  readonly verify: () => Promise<void>;

  constructor(name: string, chainId: number, node: Node) {
    this.node = node;
    this.verify = once(async () => {
      const id = Number(await callNode(node, 'eth_chainId', [], Quantity));
      if (id !== chainId)
        throw new WrongChain(
          `${node.url.host}: tells of the chain with the id ${id}, but ${name} has the id ${chainId}`,
        );
    });
  }
}

/** One token on a network of Ethereum's kind. */
export class EvmChain implements Chain {
  readonly token: string;
  readonly decimals: number;
  readonly rateOf: string;
  readonly wallet: string;
  readonly minConfirmations: number;
  readonly #contract: string | undefined;
  readonly #network: EvmNode;

  constructor({ contract, decimals, rateOf, token }: EvmToken, { minConfirmations, network, wallet }: EvmOptions) {
    this.token = token;
    this.decimals = decimals;
    this.rateOf = rateOf;
    this.wallet = normal(wallet);
    this.minConfirmations = minConfirmations;
    this.#contract = contract === undefined ? undefined : normal(contract);
    this.#network = network;
  }

  idOf(text: string): string | undefined {
    const id = text.toLowerCase();
    return ID.test(id) ? id : undefined;
  }

  verify(): Promise<void> {
    return this.#network.verify();
  }

  async find(id: string): Promise<Sighting> {
    await this.verify();
    const { node } = this.#network;
    const [transaction, receipt, head] = await Promise.all([
      callNode(node, 'eth_getTransactionByHash', [id], Type.Union([Transaction, Type.Null()])),
      callNode(node, 'eth_getTransactionReceipt', [id], Type.Union([Receipt, Type.Null()])),
      callNode(node, 'eth_blockNumber', [], Quantity),
    ]);
    if (transaction === null) return 'unknown';
    if (receipt === null) return 'waiting';
    if (transaction.hash !== id || receipt.transactionHash !== id)
      throw new ChainUnavailable(`${node.url.host}: told of another transaction than the one it was asked about`);
    // Behind one URL are many nodes: one that is behind may tell of a block that the others have left.
    const block = await callNode(
      node,
      'eth_getBlockByNumber',
      [receipt.blockNumber, false],
      Type.Union([Block, Type.Null()]),
    );
    if (block?.hash !== receipt.blockHash) return 'waiting';
    if (BigInt(receipt.status) !== 1n) return 'failed';
    const blockHeight = Number(receipt.blockNumber);
    const paid = this.#contract === undefined ? ofCoin(transaction) : ofToken(this.#contract, transaction, receipt);
    return {
      ...paid,
      sender: normal(transaction.from),
      confirmations: Math.max(0, Number(head) - blockHeight + 1),
      blockHeight,
    };
  }
}

type Paid = Pick<ChainTransaction, 'recipient' | 'beneficiary' | 'quantity'>;

/** Only what a transaction sends itself: what a contract sends on has no sender who could be credited. */
function ofCoin({ input, to, value }: Transaction): Paid {
  return {
    recipient: to === null ? undefined : normal(to),
    beneficiary: beneficiaryIn(plain(input.slice(2))),
    quantity: BigInt(value),
  };
}

/**
 * Only a plain `transfer` by its sender, and only what the contract says it moved. What another contract or a holder of
 * an allowance moves is not credited: payments of x402 are moved so, and they have already bought an upload.
 */
function ofToken(contract: string, { from, input, to }: Transaction, { logs }: Receipt): Paid {
  const nothing = { recipient: undefined, quantity: 0n };
  if (to === null || normal(to) !== contract || !input.startsWith(TRANSFER_CALL)) return nothing;
  const recipient = `0x${input.slice(SELECTOR + 24, SELECTOR + WORD)}`;
  if (input.length < SELECTOR + 2 * WORD) return nothing;
  const moved = logs.find(
    ({ address, topics }) =>
      normal(address) === contract &&
      topics.length === 3 &&
      topics[0] === TRANSFER_EVENT &&
      topics[1] === padded(from) &&
      topics[2] === padded(recipient),
  );
  if (!moved || moved.data.length !== 2 + WORD) return nothing;
  return {
    recipient: normal(recipient),
    beneficiary: beneficiaryIn(plain(input.slice(SELECTOR + 2 * WORD))),
    quantity: BigInt(moved.data),
  };
}

const normal = (address: string): string => checksumAddress(Buffer.from(address.slice(2), 'hex'));
const padded = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(WORD, '0')}`;
const plain = (digits: string): string => Buffer.from(digits.slice(0, MEMO), 'hex').toString();
