import { type Static, type TSchema, Type } from 'typebox';

const Winc = Type.String({ pattern: '^[0-9]{1,38}$', description: 'Winston credits.' });
const Moment = Type.String({ maxLength: 40, description: 'ISO 8601.' });
const Address = Type.String({ minLength: 1, maxLength: 100 });

/** Header in which the admin service says whose key it is that asks the payment service. */
export const ADMIN_NAME_HEADER = 'x-bundler-admin';

const AccountParams = Type.Object({ address: Address });
const AccountReport = Type.Object(
  {
    address: Address,
    balances: Type.Record(Type.String(), Type.String(), {
      description: 'By kind of account: available, held, owed. What is owed is below zero.',
    }),
    flagged: Type.Union([Type.String(), Type.Null()], { description: 'Why no cards are taken; null where they are.' }),
    transfers: Type.Array(
      Type.Object({
        at: Moment,
        reason: Type.String(),
        reference: Type.String(),
        from: Type.String(),
        to: Type.String(),
        winc: Winc,
      }),
      { description: 'The last hundred, latest first.' },
    ),
    disputes: Type.Array(Type.Object({ id: Type.String(), state: Type.String(), winc: Winc })),
  },
  { $id: 'AccountReport' },
);
export type AccountReport = Static<typeof AccountReport>;

const GrantRequest = Type.Object({
  address: Address,
  winc: Type.String({ pattern: '^[1-9][0-9]{0,37}$' }),
  reference: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Names this grant, as a ticket does: the same again gives nothing more.',
  }),
  reason: Type.String({ minLength: 1, maxLength: 500 }),
});
export type GrantRequest = Static<typeof GrantRequest>;
const GrantAnswer = Type.Object({
  isNew: Type.Boolean({ description: 'False when that reference was granted before.' }),
});

const PromoCodeBody = Type.Object({
  code: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 99 })),
  amount: Type.Optional(Type.Integer({ minimum: 1, description: 'In the smallest unit of its currency.' })),
  currency: Type.Optional(Type.String({ pattern: '^[a-z]{3}$' })),
  minAmount: Type.Optional(Type.Integer({ minimum: 1 })),
  startsAt: Type.Optional(Moment),
  endsAt: Type.Optional(Moment),
  maxUses: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000_000_000 })),
  newUsersOnly: Type.Optional(Type.Boolean()),
  oncePerAddress: Type.Optional(Type.Boolean()),
});
export type PromoCodeBody = Static<typeof PromoCodeBody>;
const PromoCodeAnswer = Type.Object({ code: Type.String() });
const X402Params = Type.Object({ id: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }) });
const UnclearX402 = Type.Object(
  {
    payments: Type.Array(
      Type.Object({
        id: Type.String(),
        network: Type.String(),
        asset: Type.String({ description: 'The contract that the nonce is used at.' }),
        payer: Type.String(),
        nonce: Type.String(),
        quantity: Type.String({ description: 'In the smallest unit of the asset.' }),
        beneficiary: Type.String({ description: 'Who gets the winc if it was carried out.' }),
        winc: Winc,
        createdAt: Moment,
        reason: Type.Union([Type.String(), Type.Null()]),
      }),
      { description: 'The oldest hundred, oldest first.' },
    ),
  },
  { $id: 'UnclearX402' },
);
export type UnclearX402 = Static<typeof UnclearX402>;

const X402Finding = Type.Object({
  outcome: Type.Enum(['carried-out', 'not-carried-out'], { type: 'string' }),
  transactionId: Type.Optional(
    Type.String({ pattern: '^0x[0-9a-fA-F]{64}$', description: 'The transfer on its chain, where there is one.' }),
  ),
});
export type X402Finding = Static<typeof X402Finding>;
const X402End = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(['credited', 'refused'], { type: 'string' }),
    transactionId: Type.Union([Type.String(), Type.Null()]),
    beneficiary: Type.String(),
    winc: Type.String({ description: 'What the beneficiary has got: 0 where nothing was paid.' }),
  },
  { $id: 'X402End' },
);

const UnflagAnswer = Type.Object({ unflagged: Type.Boolean() });

/**
 * What a person may do about accounts, promo codes and payments by x402. The admin service takes it below `/payment`, with
 * a key, and asks the payment service below `/admin`, which does it and writes it down for good. Both write the act down by
 * its name here.
 */
export const paymentActs = {
  inspect: {
    method: 'GET',
    path: '/accounts/:address',
    summary: 'Everything about an account',
    takes: { params: AccountParams },
    answers: AccountReport,
  },
  unflag: {
    method: 'POST',
    path: '/accounts/:address/unflag',
    summary: 'Takes cards for an address again',
    takes: { params: AccountParams },
    answers: UnflagAnswer,
  },
  grant: {
    method: 'POST',
    path: '/credits',
    summary: 'Gives credits, once for each reference',
    takes: { body: GrantRequest },
    answers: GrantAnswer,
  },
  'promo-code': {
    method: 'POST',
    path: '/promo-codes',
    summary: 'Adds a promo code',
    takes: { body: PromoCodeBody },
    answers: PromoCodeAnswer,
  },
  'x402-unclear': {
    method: 'GET',
    path: '/x402-payments',
    summary: 'Payments by x402 of which nobody knows whether they were carried out',
    takes: {},
    answers: UnclearX402,
  },
  'x402-settle': {
    method: 'POST',
    path: '/x402-payments/:id/settle',
    summary: 'Ends such a payment as its chain shows it, once; 409 for what contradicts how it has ended',
    takes: { params: X402Params, body: X402Finding },
    answers: X402End,
  },
} as const;

type Acts = typeof paymentActs;
type StaticOf<Schemas> = {
  readonly [Part in keyof Schemas]: Schemas[Part] extends TSchema ? Static<Schemas[Part]> : never;
};

export type PaymentActName = keyof Acts;
/** The parts of a request that an act takes. */
export type PaymentActRequest<Name extends PaymentActName> = StaticOf<Acts[Name]['takes']>;
export type PaymentActAnswer<Name extends PaymentActName> = Static<Acts[Name]['answers']>;

/** The schema of an act's route. @param tag under which it is documented */
export const paymentActSchema = ({ answers, summary, takes }: Acts[PaymentActName], tag: string) => ({
  tags: [tag],
  summary,
  ...takes,
  response: { 200: answers },
});
