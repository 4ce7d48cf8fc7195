/** Where credits can be taken from while one set of reservations is planned. */
export interface Purse {
  /** The account that pays, and the one that holds what is reserved of it. */
  readonly account: number;
  readonly held: number;
  readonly balance: bigint;
}

/** What one item costs, and whose credits may pay for it: names of purses, those first that are spent first. */
export interface PricedCharge {
  readonly dataItemId: string;
  readonly winc: bigint;
  readonly purses: readonly string[];
}

/** An amount that is to be taken from one purse. */
export interface Part {
  readonly purse: Purse;
  readonly amount: bigint;
}

/** What becomes of one charge: the parts that pay for it, or nothing where they do not suffice. */
export interface Planned {
  readonly dataItemId: string;
  readonly winc: bigint;
  readonly parts: readonly Part[];
}

/**
 * Decides, charge by charge in their order, who pays how much. A charge that all of its purses together cannot pay takes
 * nothing from any of them, so that a cheaper one behind it may still be paid for.
 *
 * @param purses by name; a name that is not there is a purse that nobody has
 */
export function planReservations(charges: readonly PricedCharge[], purses: ReadonlyMap<string, Purse>): Planned[] {
  const left = new Map([...purses].map(([name, { balance }]) => [name, balance]));
  const planned: Planned[] = [];
  for (const { dataItemId, winc, purses: names } of charges) {
    const taken = take(winc, names, left);
    if (taken === undefined) continue;
    for (const [name, amount] of taken) left.set(name, left.get(name)! - amount);
    const parts = [...taken].map(([name, amount]) => ({ purse: purses.get(name)!, amount }));
    planned.push({ dataItemId, winc, parts });
  }
  return planned;
}

/** How much of which purse; undefined when it is not enough. */
function take(
  winc: bigint,
  names: readonly string[],
  left: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, bigint> | undefined {
  const taken = new Map<string, bigint>();
  let open = winc;
  for (const name of new Set(names)) {
    const available = left.get(name) ?? 0n;
    const amount = available < open ? available : open;
    if (amount > 0n) taken.set(name, amount);
    open -= amount;
  }
  return open === 0n ? taken : undefined;
}
