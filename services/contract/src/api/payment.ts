import { type Static, Type } from 'typebox';

/** Who pays: an address in the form of its own chain, and the name of that kind of address. */
const payer = {
  token: Type.String({
    minLength: 1,
    maxLength: 32,
    description: 'Name of the signature type: arweave, ethereum, solana…',
  }),
  address: Type.String({ minLength: 1, maxLength: 100, description: "In the form of the signer's own chain." }),
};
const Winc = Type.String({ pattern: '^[0-9]{1,38}$', description: 'Winston credits.' });
const ItemId = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'Id of a data item.' });
/** Payers that one item may name. */
export const MAX_PAYERS = 20;
/** Addresses whose approvals pay before the signer does, in this order. */
const paidBy = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: MAX_PAYERS });
/** Items that one call may be about. */
export const MAX_ITEMS_A_CALL = 1000;
const MANY = { minItems: 1, maxItems: MAX_ITEMS_A_CALL };

export const CheckBalanceParams = Type.Object(payer);
export const CheckBalanceQuery = Type.Object({
  byteCount: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  paidBy: Type.Optional(paidBy),
});

/** Answer of `GET /v1/check-balance/:token/:address?byteCount=`: nothing is reserved by asking. */
export const BalanceCheck = Type.Object(
  {
    userHasSufficientBalance: Type.Boolean(),
    bytesCostInWinc: Type.Optional(Winc),
    userBalanceInWinc: Type.Optional(Winc),
  },
  { $id: 'BalanceCheck' },
);
export type BalanceCheck = Static<typeof BalanceCheck>;

/** Body of `POST /v1/reserve-balance`. Each item's id is the key by which a repetition reserves nothing more. */
export const ReserveRequest = Type.Object({
  charges: Type.Array(
    Type.Object({
      dataItemId: ItemId,
      ...payer,
      byteCount: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      paidBy: Type.Optional(paidBy),
    }),
    MANY,
  ),
});
export type ReserveRequest = Static<typeof ReserveRequest>;

/** Its answer, in the order of the charges: what is reserved for each, or null where it cannot be paid for. */
export const ReserveAnswer = Type.Object(
  { reservations: Type.Array(Type.Object({ dataItemId: ItemId, winc: Type.Union([Winc, Type.Null()]) })) },
  { $id: 'ReserveAnswer' },
);
export type ReserveAnswer = Static<typeof ReserveAnswer>;

/**
 * Body of `POST /v1/capture-balance`, `/v1/release-balance` and `/v1/refund-balance`: what has become of reserved items.
 * The item's id is the key by which a repetition moves nothing more.
 */
export const SettleRequest = Type.Object({ dataItemIds: Type.Array(ItemId, MANY) });
export type SettleRequest = Static<typeof SettleRequest>;

/** What came of it; items that are not named had been settled before, or were never reserved. */
export const SettleAnswer = Type.Object(
  {
    settled: Type.Array(ItemId, { description: 'Items whose credits this call has moved.' }),
    unpaid: Type.Array(ItemId, {
      description:
        'Of a capture: items whose credits had gone back because they came too late, and whose signer has no others.',
    }),
  },
  { $id: 'SettleAnswer' },
);
export type SettleAnswer = Static<typeof SettleAnswer>;

/** Answer of `GET /v1/reservations/expired`: items whose upload must have ended, one way or the other. */
export const ExpiredReservations = Type.Object({ dataItemIds: Type.Array(ItemId) }, { $id: 'ExpiredReservations' });
export type ExpiredReservations = Static<typeof ExpiredReservations>;

/** Credits of somebody that somebody else may spend. Without an $id: an answer may name it twice. */
export const Approval = Type.Object({
  approvalDataItemId: ItemId,
  payingAddress: Type.String(),
  approvedAddress: Type.String(),
  approvedWincAmount: Winc,
  usedWincAmount: Winc,
  creationDate: Type.String({ format: 'date-time' }),
  expirationDate: Type.Optional(Type.String({ format: 'date-time' })),
});
export type Approval = Static<typeof Approval>;

const approvalParties = {
  dataItemId: ItemId,
  payingAddress: payer.address,
  approvedAddress: Type.String({
    maxLength: 4096,
    description: 'Whoever may spend them, in the form of their own chain.',
  }),
};

/** Longest time after which an approval may expire, seconds: a hundred years. */
export const MAX_EXPIRES_IN_SECONDS = 3_153_600_000;

/** Body of `POST /v1/account/approvals/create`. The item's id is the key by which a repetition makes no other approval. */
export const CreateApprovalRequest = Type.Object({
  ...approvalParties,
  winc: Type.String({ pattern: '^[1-9][0-9]{0,37}$', description: 'Winston credits.' }),
  expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_EXPIRES_IN_SECONDS })),
});
export type CreateApprovalRequest = Static<typeof CreateApprovalRequest>;

/** Body of `POST /v1/account/approvals/revoke`; answered with what the item has ended. */
export const RevokeApprovalsRequest = Type.Object(approvalParties);
export type RevokeApprovalsRequest = Static<typeof RevokeApprovalsRequest>;

/** Audience of the tokens with which services let themselves in. */
export const PAYMENT_AUDIENCE = 'bundler-payment';
