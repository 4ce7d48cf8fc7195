/** How the series of two sides find each other, where not all of their labels are the same. */
export interface Matching<L extends string> {
  readonly on: readonly L[];
  /** Many on the left to one on the right: `group_left`, with the labels that the right side brings. */
  readonly left?: readonly string[];
}

/**
 * An instant vector: its text, and the labels that its series can have. Labels are part of the type, so what is
 * aggregated or matched by a label that is not there does not compile.
 */
export class Vector<L extends string> {
  readonly text: string;
  readonly labels: readonly L[];
  /** Whether the text needs parentheses inside of another expression. */
  readonly #open: boolean;

  constructor(text: string, labels: readonly L[], open = false) {
    this.text = text;
    this.labels = labels;
    this.#open = open;
  }

  over<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('/', right, matching);
  }
  times<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('*', right, matching);
  }
  plus<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('+', right, matching);
  }
  minus<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('-', right, matching);
  }
  above<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('>', right, matching);
  }
  atLeast<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('>=', right, matching);
  }
  below<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('<', right, matching);
  }
  equals<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('==', right, matching);
  }
  differs<R extends string>(right: Vector<R> | number, matching?: Matching<L & R>): Vector<L> {
    return this.#with('!=', right, matching);
  }
  and<R extends string>(right: Vector<R>, matching?: Matching<L & R>): Vector<L> {
    return this.#with('and', right, matching);
  }
  unless<R extends string>(right: Vector<R>, matching?: Matching<L & R>): Vector<L> {
    return this.#with('unless', right, matching);
  }
  /** Both sides must have the same labels, or a template could name one that half of the series lack. */
  or(right: Vector<L>): Vector<L> {
    return this.#with('or', right);
  }
  /** With labels that other series, each of value 1, have: those that agree in the labels `on`. */
  joined<R extends string, K extends R>(right: Vector<R>, on: readonly (L & R)[], brings: readonly K[]): Vector<L | K> {
    const text = this.#with('*', right, { on, left: brings }).text;
    return new Vector<L | K>(text, [...new Set<L | K>([...this.labels, ...brings])], true);
  }
  /** The same, some time ago. */
  ago(age: Duration): Vector<L> {
    return new Vector(`${this.operand} offset ${age}`, this.labels, true);
  }

  /** The text as it may stand inside of another expression. */
  get operand(): string {
    return this.#open ? `(${this.text})` : this.text;
  }

  toString(): string {
    return this.text;
  }

  #with(operator: string, right: Vector<string> | number, matching?: Matching<string>): Vector<L> {
    const on = matching ? ` on (${matching.on.join(', ')})` : '';
    const left = matching?.left ? ` group_left (${matching.left.join(', ')})` : '';
    const side = typeof right === 'number' ? String(right) : right.operand;
    return new Vector(`${this.operand} ${operator}${on}${left} ${side}`, this.labels, true);
  }
}

export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;
/** Over how long: a duration, or what Grafana puts in. */
export type Window = Duration | '$__rate_interval' | '$__range';
