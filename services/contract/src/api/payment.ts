import { type Static, Type } from 'typebox';

/** Who pays: an address in the form of its own chain, and the name of that kind of address. */
const payer = {
  token: Type.String({ description: 'Name of the signature type: arweave, ethereum, solana…' }),
  address: Type.String({ description: "In the form of the signer's own chain." }),
};

/** Answer of `GET /v1/check-balance/:token/:address?byteCount=`: nothing is reserved by asking. */
export const BalanceCheck = Type.Object({ userHasSufficientBalance: Type.Boolean() });
export type BalanceCheck = Static<typeof BalanceCheck>;

/** Body of `POST /v1/reserve-balance`. Each item's id is the key by which a repetition reserves nothing more. */
export const ReserveRequest = Type.Object({
  charges: Type.Array(Type.Object({ dataItemId: Type.String(), ...payer, byteCount: Type.Integer() }), {
    minItems: 1,
    maxItems: 1000,
  }),
});
export type ReserveRequest = Static<typeof ReserveRequest>;

/** Its answer, in the order of the charges: what is reserved for each, or null where it cannot be paid for. */
export const ReserveAnswer = Type.Object({
  reservations: Type.Array(
    Type.Object({
      dataItemId: Type.String(),
      winc: Type.Union([Type.String({ pattern: '^[0-9]{1,38}$' }), Type.Null()]),
    }),
  ),
});
export type ReserveAnswer = Static<typeof ReserveAnswer>;

/** Audience of the tokens with which services let themselves in. */
export const PAYMENT_AUDIENCE = 'bundler-payment';
