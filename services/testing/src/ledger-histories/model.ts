import { type Charge, type Operation, told } from './operations.ts';

interface Approval {
  readonly payer: string;
  readonly approved: string;
  readonly winc: bigint;
  readonly expiresAt: number | undefined;
  left: bigint;
  state: 'active' | 'expired' | 'revoked';
  revokedBy?: string;
  returned?: bigint;
}

interface Reservation {
  readonly charge: Charge;
  state: 'pending' | 'captured' | 'released' | 'refunded';
  /** Where it was taken from: an address, or an approval. */
  readonly parts: readonly { readonly from: string; readonly approval: boolean; readonly amount: bigint }[];
}

/**
 * What the ledger should be, in the simplest way: it does one thing after another, and knows of no database, no repetition
 * and no crash. An approval ends at the moment in which its time is over.
 */
export class LedgerModel {
  now: number;
  available: Record<string, bigint> = {};
  held: Record<string, bigint> = {};
  earned = 0n;
  #references: string[] = [];
  #approvals: Record<string, Approval> = {};
  #items: Record<string, Reservation[]> = {};

  constructor(now: number) {
    this.now = now;
  }

  copy(): LedgerModel {
    const copy = new LedgerModel(this.now);
    copy.available = { ...this.available };
    copy.held = { ...this.held };
    copy.earned = this.earned;
    copy.#references = [...this.#references];
    copy.#approvals = structuredClone(this.#approvals);
    copy.#items = structuredClone(this.#items);
    return copy;
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
    for (const approval of Object.values(this.#approvals)) {
      if (approval.state === 'active' && (approval.expiresAt ?? Infinity) <= this.now) this.#end(approval, 'expired');
    }
  }

  /** Does one operation. @returns what it answers */
  apply(operation: Operation): string {
    switch (operation.kind) {
      case 'credit': {
        if (this.#references.includes(operation.reference)) return 'known';
        this.#references.push(operation.reference);
        this.#add(this.available, operation.to, operation.winc);
        return 'new';
      }
      case 'reserve':
        return this.#reserve(operation.charges);
      case 'approve':
        return this.#approve(operation);
      case 'revoke':
        return this.#revoke(operation);
      case 'expire':
        return '';
      case 'captureLate':
        return this.#captureLate(operation.items);
      default:
        return told(operation.items.filter((item) => this.#settle(item, operation.kind)));
    }
  }

  /** All that can be seen of it, as text. */
  get facts(): string {
    const filled = (kind: string, amounts: Record<string, bigint>): string[] =>
      Object.entries(amounts)
        .filter(([, amount]) => amount !== 0n)
        .map(([owner, amount]) => `${kind}:${owner}=${amount}`);
    return told([
      ...filled('available', this.available),
      ...filled('held', this.held),
      ...filled('earned', { uploads: this.earned }),
      ...Object.entries(this.#approvals).map(([id, { left, state }]) => `approval:${id}=${state},${left}`),
      // Two that were made at the same time end at the same time: only the order tells which is spent first.
      ...this.#spendOrders(),
      ...Object.entries(this.#items).map(
        ([id, reservations]) =>
          `item:${id}=${reservations.map(({ charge, state }) => `${state},${charge.winc}`).join(';')}`,
      ),
    ]);
  }

  #reserve(charges: readonly Charge[]): string {
    return told(
      charges.flatMap((charge) => {
        const before = this.#active(charge.item);
        if (before) return [`${charge.item}=${before.charge.winc}`];
        const parts = this.#take(charge);
        if (!parts) return [];
        (this.#items[charge.item] ??= []).push({ charge, state: 'pending', parts });
        return [`${charge.item}=${charge.winc}`];
      }),
    );
  }

  /** Where a charge is taken from; nothing moves when it is not enough. */
  #take({ paidBy, signer, winc }: Charge): Reservation['parts'] | undefined {
    const sources = [...paidBy, signer].flatMap((payer): [string, boolean, bigint][] => {
      if (payer === signer) return [[signer, false, this.available[signer] ?? 0n]];
      return this.#inSpendOrder(payer, signer).map((id) => [id, true, this.#approvals[id]!.left]);
    });
    const parts: { from: string; approval: boolean; amount: bigint }[] = [];
    let open = winc;
    for (const [from, approval, has] of sources) {
      if (parts.some((part) => part.from === from)) continue;
      const amount = has < open ? has : open;
      if (amount > 0n) parts.push({ from, approval, amount });
      open -= amount;
    }
    if (open > 0n) return undefined;
    for (const part of parts) {
      if (part.approval) this.#approvals[part.from]!.left -= part.amount;
      else this.#add(this.available, part.from, -part.amount);
      this.#add(this.held, this.#payerOf(part), part.amount);
    }
    return parts;
  }

  /** The approvals of a payer for somebody, those first that end first, then the oldest. */
  #inSpendOrder(payer: string, approved: string): string[] {
    return Object.entries(this.#approvals)
      .filter(([, a]) => a.state === 'active' && a.payer === payer && a.approved === approved)
      .toSorted(([, a], [, b]) => (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity) || 0)
      .map(([id]) => id);
  }

  #spendOrders(): string[] {
    const active = Object.values(this.#approvals).filter(({ state }) => state === 'active');
    const lines = active.map(
      ({ approved, payer }) => `spent:${payer}:${approved}=${this.#inSpendOrder(payer, approved)}`,
    );
    return [...new Set(lines)];
  }

  #settle(item: string, kind: 'capture' | 'release' | 'refund'): boolean {
    const reservation = this.#active(item);
    if (!reservation) return false;
    const { state } = reservation;
    if (state === 'captured' && kind !== 'refund') return false;
    for (const part of reservation.parts) {
      if (state === 'captured') this.earned -= part.amount;
      else this.#add(this.held, this.#payerOf(part), -part.amount);
      if (kind === 'capture') this.earned += part.amount;
      else this.#giveBack(part);
    }
    reservation.state = ({ capture: 'captured', release: 'released', refund: 'refunded' } as const)[kind];
    return true;
  }

  #captureLate(items: readonly string[]): string {
    const late = items.toSorted().filter((item) => this.#items[item]?.at(-1)?.state === 'released');
    return told(
      late.map((item) => {
        this.#reserve([this.#items[item]!.at(-1)!.charge]);
        return this.#settle(item, 'capture') ? `${item}=paid` : `${item}=unpaid`;
      }),
    );
  }

  #giveBack(part: Reservation['parts'][number]): void {
    const approval = part.approval ? this.#approvals[part.from] : undefined;
    if (approval?.state === 'active') approval.left += part.amount;
    else this.#add(this.available, this.#payerOf(part), part.amount);
  }

  #approve({ id, payer, approved, winc, expiresInSeconds }: Operation & { kind: 'approve' }): string {
    const known = this.#approvals[id];
    if (known) {
      const same = known.payer === payer && known.approved === approved && known.winc === winc;
      return same && known.state === 'active' ? `${id}=${known.left}` : 'ended';
    }
    if ((this.available[payer] ?? 0n) < winc) return 'insufficient';
    this.#add(this.available, payer, -winc);
    const expiresAt = expiresInSeconds === undefined ? undefined : this.now + expiresInSeconds * 1000;
    this.#approvals[id] = { payer, approved, winc, left: winc, expiresAt, state: 'active' };
    return `${id}=${winc}`;
  }

  #revoke({ id, payer, approved }: Operation & { kind: 'revoke' }): string {
    const between = Object.entries(this.#approvals).filter(([, a]) => a.payer === payer && a.approved === approved);
    const endedBefore = between.some(([, a]) => a.revokedBy === id);
    for (const [, approval] of between) {
      if (approval.state === 'active' && !endedBefore) {
        approval.revokedBy = id;
        this.#end(approval, 'revoked');
      }
    }
    return told(between.filter(([, a]) => a.revokedBy === id).map(([name, { returned }]) => `${name}=${returned}`));
  }

  #end(approval: Approval, state: 'expired' | 'revoked'): void {
    approval.state = state;
    approval.returned = approval.left;
    this.#add(this.available, approval.payer, approval.left);
    approval.left = 0n;
  }

  #active(item: string): Reservation | undefined {
    return this.#items[item]?.find(({ state }) => state === 'pending' || state === 'captured');
  }

  #payerOf({ approval, from }: Reservation['parts'][number]): string {
    return approval ? this.#approvals[from]!.payer : from;
  }

  #add(amounts: Record<string, bigint>, owner: string, amount: bigint): void {
    amounts[owner] = (amounts[owner] ?? 0n) + amount;
  }
}
