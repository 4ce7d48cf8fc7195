import type { Sighting } from '../ledger/judge-top-up.ts';

/** One token that credits can be bought with. */
export interface Chain {
  /** As it stands in the paths of requests. */
  readonly token: string;
  /** Our wallet. */
  readonly wallet: string;
  readonly minConfirmations: number;
  /** Digits of its smallest unit. */
  readonly decimals: number;
  /** Its name where rates are told; undefined when its smallest unit is a winston. */
  readonly rateOf: string | undefined;
  /** Whether a text can be the id of one of its transactions. */
  isId(text: string): boolean;
  /** What the chain says of a transaction. @throws when it cannot be asked */
  find(id: string): Promise<Sighting>;
}

/** The chain could not be asked, or did not say what it should; a later try may tell. */
export class ChainUnavailable extends Error {}
