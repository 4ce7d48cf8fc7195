import type {
  X402NetworkName,
  X402Outcome,
  X402Payment,
  X402PayRequest,
  X402Quote,
  X402Requirements,
  X402Verdict,
} from '@bundler/contract';
import type { Logger, Metrics } from '@bundler/runtime';
import { normalAddress } from '../access/addresses.ts';
import { adjust } from '../ledger/adjust.ts';
import type { Prices } from '../pricing/prices.ts';
import type { Adjustments } from '../store/adjustments.ts';
import type { Reservations } from '../store/reservations.ts';
import type { X402Payments, X402Row } from '../store/x402-payments.ts';
import type { Facilitator } from './facilitator.ts';
import { judgePayment } from './judge-payment.ts';
import { USDC, x402Networks } from './networks.ts';
import { leastQuantity, requirementsOn, withMargin } from './requirements.ts';

export interface X402Options {
  readonly payTo: string;
  readonly networks: readonly X402NetworkName[];
  readonly facilitator: Facilitator;
  readonly payments: X402Payments;
  readonly reservations: Pick<Reservations, 'reserve'>;
  readonly prices: Pick<Prices, 'ofBytes' | 'worthOf'>;
  readonly adjustments: Pick<Adjustments, 'of'>;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'x402Payments'>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** So many digits can a quantity of a payment have. */
const MOST = 10n ** 18n - 1n;
/** A transfer that was not made until its signature ran out is made never more; clocks of chains differ, seconds. */
const AFTER_EXPIRY = 120;
const UNCLEAR = 'Whether it was carried out is not known; whoever runs this service has been told.';

/**
 * Uploads that are paid for with USDC by x402. A payment is carried out when all bytes of its upload are here and good; it
 * comes into the ledger as a top-up of its beneficiary, from whose credits the upload is then reserved as any other.
 */
export class X402 {
  readonly #options: X402Options;

  constructor(options: X402Options) {
    this.#options = options;
  }

  /** What an upload costs, on each network. */
  async quote(byteCount: number): Promise<X402Quote> {
    const { networks, payTo, prices } = this.#options;
    const { winc } = await prices.ofBytes(byteCount);
    const accepts = await Promise.all(
      networks.map(async (network): Promise<X402Requirements[]> => {
        const amount = leastQuantity(withMargin(winc), await this.#worthOn(network), MOST);
        return amount === undefined ? [] : [requirementsOn(network, payTo, amount, byteCount)];
      }),
    );
    return { accepts: accepts.flat() };
  }

  /** Whether a payment would pay for an upload. Nothing moves. */
  async verify(payment: X402Payment, byteCount: number): Promise<X402Verdict> {
    const { facilitator, logger, networks, now, payTo, prices } = this.#options;
    const network = networks.find((enabled) => enabled === payment.network);
    const { winc } = await prices.ofBytes(byteCount);
    const worth = network ? await this.#worthOn(network) : (): bigint => 0n;
    const fault = judgePayment(payment, {
      networks,
      payTo,
      least: leastQuantity(winc, worth, MOST),
      now: now() / 1000,
    });
    if (fault || !network)
      return { outcome: 'refused', ...(fault ?? { code: 'payment_network_off', reason: payment.network }) };
    try {
      const verified = await facilitator.verify(payment, this.#requirementsOf(payment, network, byteCount));
      if (!verified.good) return { outcome: 'refused', code: 'invalid_payment', reason: verified.reason };
    } catch (error) {
      logger.warn({ err: error }, 'payment by x402 not verified');
      return { outcome: 'unavailable' };
    }
    const value = BigInt(payment.payload.authorization.value);
    return { outcome: 'good', deal: { price: String(winc), worth: String(worth(value)) } };
  }

  /**
   * Carries a payment out and reserves the price of what it is for. Asked again, by whatever payment of the same payer, it
   * finishes what was begun: nothing that was paid for an item is paid a second time.
   */
  async pay(order: X402PayRequest): Promise<X402Outcome> {
    const { payments } = this.#options;
    const payer = normalAddress(order.payment.payload.authorization.from)!;
    const { dataItemId } = order;
    if (dataItemId !== undefined) {
      const reserved = await payments.reservedFor(dataItemId);
      // Also one that is captured: the item is here, or is just coming.
      if (reserved !== undefined) return this.#reserve(order, payer, undefined);
      const earlier = await payments.lastFor(dataItemId, payer);
      const outcome = earlier && (await this.#payWith(earlier, order, payer));
      if (outcome && outcome.outcome !== 'refused') return outcome;
    }
    return this.#payAnew(order, payer);
  }

  /** Finishes payments that whoever began them has left. */
  async resume(limit: number): Promise<void> {
    for (const row of await this.#options.payments.holdAbandoned(limit)) await this.#settle(row);
  }

  async #payAnew(order: X402PayRequest, payer: string): Promise<X402Outcome> {
    const { networks, payments } = this.#options;
    const { beneficiary, byteCount, dataItemId, deal, payment } = order;
    const network = networks.find((enabled) => enabled === payment.network);
    if (!network) return { outcome: 'refused', code: 'payment_network_off', reason: payment.network };
    const credited = beneficiary === undefined ? payer : normalAddress(beneficiary);
    if (credited === undefined)
      return { outcome: 'refused', code: 'invalid_payment', reason: 'Nobody can be credited under this address.' };
    const begun = await payments.begin({
      payer,
      beneficiary: credited,
      dataItemId,
      worth: BigInt(deal.worth),
      payment,
      requirements: this.#requirementsOf(payment, network, byteCount),
    });
    if (begun) return this.#finish(begun, order, payer);
    const known = await payments.find(payment.network, payer, payment.payload.authorization.nonce);
    if (!known || known.dataItemId !== (dataItemId ?? null) || known.beneficiary !== credited)
      return { outcome: 'refused', code: 'invalid_payment', reason: 'It has been used before.' };
    return this.#payWith(known, order, payer);
  }

  /** With a payment that was begun before. */
  async #payWith(row: X402Row, order: X402PayRequest, payer: string): Promise<X402Outcome> {
    if (row.state !== 'settling') return this.#conclude(row, order, payer);
    const held = await this.#options.payments.hold(row.id);
    // Somebody else is asking the facilitator about it right now.
    return held ? this.#finish(held, order, payer) : { outcome: 'unavailable' };
  }

  async #finish(held: X402Row, order: X402PayRequest, payer: string): Promise<X402Outcome> {
    return this.#conclude(await this.#settle(held), order, payer);
  }

  async #conclude(row: X402Row, order: X402PayRequest, payer: string): Promise<X402Outcome> {
    if (row.state === 'settling') return { outcome: 'unavailable' };
    if (row.state === 'credited') return this.#reserve(order, payer, row);
    return { outcome: 'refused', code: 'invalid_payment', reason: row.reason ?? UNCLEAR };
  }

  async #reserve(order: X402PayRequest, payer: string, row: X402Row | undefined): Promise<X402Outcome> {
    const { byteCount, dataItemId, deal } = order;
    const settled = row && {
      paymentId: String(row.id),
      transactionHash: row.transaction!,
      network: row.payment.network,
      payer: row.payer,
    };
    if (dataItemId === undefined) return { outcome: 'paid', winc: '0', ...(settled && { settled }) };
    const charge = { dataItemId, signer: row?.beneficiary ?? payer, byteCount, winc: BigInt(deal.price) };
    const winc = (await this.#options.reservations.reserve([charge])).get(dataItemId);
    if (winc === undefined)
      return {
        outcome: 'refused',
        code: 'invalid_payment',
        reason: 'What it brought has been spent on something else.',
      };
    return { outcome: 'paid', winc: String(winc), ...(settled && { settled }) };
  }

  /** Has a payment carried out that is held. @returns it as it is then; still `settling` when nobody can tell yet */
  async #settle(row: X402Row): Promise<X402Row> {
    const { facilitator, logger, metrics, now, payments } = this.#options;
    const about = { payment: row.id, payer: row.payer, network: row.payment.network };
    const answer = await facilitator.settle(row.payment, row.requirements).catch((error: unknown) => {
      logger.warn({ err: error, ...about }, 'payment by x402 not settled yet; it is asked about again');
      return undefined;
    });
    if (answer?.settled) {
      const { token } = x402Networks[row.payment.network as X402NetworkName];
      await payments.credit(row, answer.transaction, token);
      metrics.x402Payments.inc({ outcome: 'settled' });
      return { ...row, state: 'credited', transaction: answer.transaction };
    }
    // A refusal of a second try may come from the first one, whose answer was lost: the nonce is used then.
    if (answer && row.tries === 0) return this.#end(row, 'refused', answer.reason);
    const expired = now() / 1000 > Number(row.payment.payload.authorization.validBefore) + AFTER_EXPIRY;
    if (!expired) return row;
    logger.error({ ...about, reason: answer?.reason }, 'a payment by x402 may have been made: look at its chain');
    return this.#end(row, 'unclear', answer?.reason ?? UNCLEAR);
  }

  async #end(row: X402Row, state: 'refused' | 'unclear', reason: string): Promise<X402Row> {
    await this.#options.payments.end(row.id, state, reason);
    this.#options.metrics.x402Payments.inc({ outcome: state });
    return { ...row, state, reason };
  }

  /** What a facilitator is told that is asked for: what this payment is. */
  #requirementsOf({ payload }: X402Payment, network: X402NetworkName, byteCount: number): X402Requirements {
    return requirementsOn(network, this.#options.payTo, BigInt(payload.authorization.value), byteCount);
  }

  async #worthOn(network: X402NetworkName): Promise<(quantity: bigint) => bigint> {
    const { adjustments, prices } = this.#options;
    const [worth, fees] = await Promise.all([
      prices.worthOf(USDC),
      adjustments.of('top-up', x402Networks[network].token),
    ]);
    return (quantity) => adjust(worth(quantity), fees).amount;
  }
}
