import { createHash } from 'node:crypto';
import { normalAddress } from '../access/addresses.ts';
import type { Sighting } from '../ledger/judge-top-up.ts';
import { type Chain, ChainUnavailable } from './chain.ts';

interface Options {
  readonly gateway: string;
  readonly wallet: string;
  readonly minConfirmations: number;
  readonly timeoutMs: number;
}

/** The tag with which a sender says who is to be credited. */
const BENEFICIARY = 'Turbo-Credit-Destination-Address';
const ADDRESS = /^[A-Za-z0-9_-]{43}$/;

interface TransactionBody {
  readonly owner: string;
  readonly target: string;
  readonly quantity: string;
  readonly tags: readonly { readonly name: string; readonly value: string }[];
}

/** AR, whose smallest unit is the winston that everything here is counted in. */
export class ArweaveChain implements Chain {
  readonly token = 'arweave';
  readonly decimals = 12;
  readonly rateOf = undefined;
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = { ...options, gateway: options.gateway.replace(/\/+$/, '') };
  }

  get wallet(): string {
    return this.#options.wallet;
  }

  get minConfirmations(): number {
    return this.#options.minConfirmations;
  }

  idOf(text: string): string | undefined {
    // Its last letter has two bits too many: other letters would name the same bytes.
    return ADDRESS.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text ? text : undefined;
  }

  /** The gateway is the one that bundles are posted to: who it is has been settled elsewhere. */
  async verify(): Promise<void> {}

  async find(id: string): Promise<Sighting> {
    const status = await this.#ask(`/tx/${id}/status`);
    if (typeof status === 'string') return status;
    const body = await this.#ask(`/tx/${id}`);
    if (typeof body === 'string') return body;
    return readTransaction(body as unknown as TransactionBody, status as unknown as Status);
  }

  /** What the gateway answers in JSON; a word where it knows nothing, or nothing yet. */
  async #ask(path: string): Promise<Record<string, unknown> | 'unknown' | 'waiting'> {
    const { gateway, timeoutMs } = this.#options;
    const problem = (what: unknown, cause?: unknown): ChainUnavailable =>
      new ChainUnavailable(`GET ${gateway}${path}: ${what}`, { cause });
    const answer = await fetch(gateway + path, { signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
      throw problem((cause as Error).message, cause);
    });
    const text = await answer.text();
    if (answer.status === 404) return 'unknown';
    // Some nodes answer 200 with the word Pending.
    if (answer.status === 202 || (answer.ok && !text.startsWith('{'))) return 'waiting';
    if (!answer.ok) throw problem(answer.status);
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (cause) {
      throw problem('no JSON', cause);
    }
  }
}

interface Status {
  readonly number_of_confirmations: number;
  readonly block_height: number;
}

/** @throws ChainUnavailable when the gateway's answer is none */
function readTransaction(body: TransactionBody, status: Status): Sighting {
  const isWhole =
    typeof body.owner === 'string' &&
    typeof body.target === 'string' &&
    /^\d{1,30}$/.test(body.quantity) &&
    Array.isArray(body.tags) &&
    body.tags.every(({ name, value }) => typeof name === 'string' && typeof value === 'string') &&
    Number.isSafeInteger(status.number_of_confirmations) &&
    Number.isSafeInteger(status.block_height);
  if (!isWhole) throw new ChainUnavailable('the gateway tells of a transaction in a form that is not known');
  return {
    recipient: body.target,
    sender: createHash('sha256').update(Buffer.from(body.owner, 'base64url')).digest('base64url'),
    beneficiary: beneficiaryOf(body.tags),
    quantity: BigInt(body.quantity),
    confirmations: status.number_of_confirmations,
    blockHeight: status.block_height,
  };
}

/** A tag that names nobody who could have a balance says nothing: the sender is credited. */
function beneficiaryOf(tags: TransactionBody['tags']): string | undefined {
  const plain = (text: string): string => Buffer.from(text, 'base64url').toString();
  const tag = tags.find(({ name }) => plain(name) === BENEFICIARY);
  return tag === undefined ? undefined : normalAddress(plain(tag.value));
}
