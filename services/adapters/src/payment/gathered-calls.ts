import { MAX_ITEMS_A_CALL } from '@bundler/contract';
import { inSharedSpan, type TraceParent, type Tracing } from '@bundler/runtime';

/**
 * While a call is on its way others gather for the next: calls for one payer take turns in the payment service anyway. But they do
 * not wait longer than this: a call that hangs must not hold up the rest.
 */
const MOST_GATHERED_MS = 100;

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  /** The span of who sent it, where it is sampled. */
  readonly trace: TraceParent | undefined;
}

/** Those that will be sent together. */
interface Gathering<Request, Answer> {
  readonly waiting: Waiting<Request, Answer>[];
  /** Whether they are sent as soon as no call is on its way. */
  isDue: boolean;
  patience?: NodeJS.Timeout;
}

interface Options {
  /** Whether a request waits for nothing. */
  readonly isAtOnce?: () => boolean;
  /** How long a request may wait for others even though no call is on its way, milliseconds. */
  readonly waitMs?: (() => number) | undefined;
  readonly tracing?: Tracing | undefined;
}

/**
 * Sends requests about one item each together: those that come in one turn of the event loop, while a call is on its way, or within
 * the time that the first of them may wait.
 */
export class GatheredCalls<Request, Answer> {
  readonly #name: string;
  readonly #call: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly #isAtOnce: () => boolean;
  readonly #waitMs: () => number;
  readonly #tracing: Tracing | undefined;
  #gathering: Gathering<Request, Answer> | undefined;
  #calls = 0;

  /**
   * @param name of the span of a call
   * @param call answers in the order of its requests
   */
  constructor(
    name: string,
    call: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    { isAtOnce = () => false, waitMs = () => 0, tracing }: Options = {},
  ) {
    this.#name = name;
    this.#call = call;
    this.#isAtOnce = isAtOnce;
    this.#waitMs = waitMs;
    this.#tracing = tracing;
  }

  /** @throws what the call throws that this request is in */
  send(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#gathering ??= this.#gather();
      this.#gathering.waiting.push({ request, resolve, reject, trace: this.#tracing?.traceParent() });
    });
  }

  /** Begins to gather, and decides when that ends. */
  #gather(): Gathering<Request, Answer> {
    const gathering: Gathering<Request, Answer> = { waiting: [], isDue: false };
    if (this.#isAtOnce()) {
      setImmediate(() => this.#send(gathering));
      return gathering;
    }
    const due = (): void => {
      gathering.isDue = true;
      this.#sendIfDue();
    };
    const waitMs = this.#waitMs();
    if (waitMs <= 0) setImmediate(due);
    else setTimeout(due, waitMs);
    gathering.patience = setTimeout(() => this.#send(gathering), MOST_GATHERED_MS);
    return gathering;
  }

  #sendIfDue(): void {
    if (this.#gathering?.isDue && this.#calls === 0) this.#send(this.#gathering);
  }

  /** One call for all that have gathered. */
  #send({ waiting, patience }: Gathering<Request, Answer>): void {
    clearTimeout(patience);
    this.#gathering = undefined;
    for (let start = 0; start < waiting.length; start += MAX_ITEMS_A_CALL) {
      void this.#callFor(waiting.slice(start, start + MAX_ITEMS_A_CALL));
    }
  }

  async #callFor(waiting: readonly Waiting<Request, Answer>[]): Promise<void> {
    this.#calls += 1;
    try {
      const traces = waiting.map(({ trace }) => trace);
      const attributes = { 'payment.items': waiting.length };
      const answers = await inSharedSpan(this.#tracing, this.#name, traces, attributes, () =>
        this.#call(waiting.map(({ request }) => request)),
      );
      for (const [index, { resolve }] of waiting.entries()) resolve(answers[index]!);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    } finally {
      this.#calls -= 1;
      this.#sendIfDue();
    }
  }
}
