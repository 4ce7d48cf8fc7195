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
  /**
   * The id of a transaction in the one form that it is known by: what is written in two ways would be credited twice.
   * Undefined for a text that can be the id of none.
   */
  idOf(text: string): string | undefined;
  /** What the chain says of a transaction. @throws when it cannot be asked */
  find(id: string): Promise<Sighting>;
  /** Sees that whoever is asked tells of the chain that is meant. @throws WrongChain, or when it cannot be asked */
  verify(): Promise<void>;
}

/** The chain could not be asked, or did not say what it should; a later try may tell. */
export class ChainUnavailable extends Error {}

/** A node tells of another chain than the one that is meant, whose coins may be worth nothing. */
export class WrongChain extends ChainUnavailable {}
