import { type Static, Type } from 'typebox';
import { Receipt } from './upload.ts';

/** Characters of a signature: what contracts of wallets check may be long, but headers of requests end at 16 KiB. */
export const MAX_X402_SIGNATURE = 2 + 2 * 4096;

const Address = Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' });
const Atomic = Type.String({ pattern: '^[0-9]{1,18}$', description: 'In the smallest unit of the asset.' });
const Seconds = Type.String({ pattern: '^[0-9]{1,15}$', description: 'Unix seconds.' });
const Winc = Type.String({ pattern: '^[0-9]{1,38}$', description: 'Winston credits.' });
const ItemId = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'Id of a data item.' });
const byteCount = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** A payment as clients send it: a transfer of USDC that its payer has signed (EIP-3009) and that anybody may carry out. */
export const X402Payment = Type.Object(
  {
    x402Version: Type.Literal(1),
    scheme: Type.Literal('exact'),
    network: Type.String({ minLength: 1, maxLength: 64 }),
    payload: Type.Object({
      signature: Type.String({ pattern: '^0x([0-9a-fA-F]{2})+$', maxLength: MAX_X402_SIGNATURE }),
      authorization: Type.Object({
        from: Address,
        to: Address,
        value: Atomic,
        validAfter: Seconds,
        validBefore: Seconds,
        nonce: Type.String({ pattern: '^0x[0-9a-fA-F]{64}$' }),
      }),
    }),
  },
  { $id: 'X402Payment' },
);
export type X402Payment = Static<typeof X402Payment>;

/** What is asked for, on one network. */
export const X402Requirements = Type.Object({
  scheme: Type.Literal('exact'),
  network: Type.String(),
  maxAmountRequired: Atomic,
  payTo: Address,
  maxTimeoutSeconds: Type.Integer(),
  asset: Address,
  extra: Type.Object({ name: Type.String(), version: Type.String() }),
});
export type X402Requirements = Static<typeof X402Requirements>;

/** Body of `POST /v1/x402/quote`, and its answer: nothing where no payments are taken. */
export const X402QuoteRequest = Type.Object({ byteCount });
export const X402Quote = Type.Object({ accepts: Type.Array(X402Requirements) });
export type X402Quote = Static<typeof X402Quote>;

/** What a payment is for: the price then, and the credits that the payment brings. */
export const X402Deal = Type.Object({ price: Winc, worth: Winc });
export type X402Deal = Static<typeof X402Deal>;

const Refused = Type.Object({
  outcome: Type.Literal('refused'),
  code: Type.Enum(['invalid_payment', 'payment_network_off'], { type: 'string' }),
  reason: Type.String(),
});
const Unavailable = Type.Object({ outcome: Type.Literal('unavailable') });

/** Body of `POST /v1/x402/verify`: nothing moves by asking. */
export const X402VerifyRequest = Type.Object({ payment: X402Payment, byteCount });
export const X402Verdict = Type.Union([
  Type.Object({ outcome: Type.Literal('good'), deal: X402Deal }),
  Refused,
  Unavailable,
]);
export type X402Verdict = Static<typeof X402Verdict>;

/** Body of `POST /v1/x402/pay`. The nonce of the payment, and the item, are the keys by which a repetition moves nothing more. */
export const X402PayRequest = Type.Object({
  payment: X402Payment,
  byteCount,
  deal: X402Deal,
  /** What is paid for; the credits only come in where it is not known yet. */
  dataItemId: Type.Optional(ItemId),
  /** Who gets the credits; the payer, if nothing is said. */
  beneficiary: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
});
export type X402PayRequest = Static<typeof X402PayRequest>;

/** A payment that was carried out. */
export const X402Settled = Type.Object({
  paymentId: Type.String(),
  transactionHash: Type.String(),
  network: Type.String(),
  payer: Type.String(),
});
export type X402Settled = Static<typeof X402Settled>;

export const X402Outcome = Type.Union([
  Type.Object({
    outcome: Type.Literal('paid'),
    /** What is reserved for the item. */
    winc: Winc,
    /** None where the item had been paid for before. */
    settled: Type.Optional(X402Settled),
  }),
  Refused,
  Unavailable,
]);
export type X402Outcome = Static<typeof X402Outcome>;

/** The receipt of an upload that may have been paid for with it. */
export const PaidReceipt = Type.Object(
  { ...Receipt.properties, x402Payment: Type.Optional(X402Settled) },
  { $id: 'PaidReceipt' },
);
export type PaidReceipt = Static<typeof PaidReceipt>;
