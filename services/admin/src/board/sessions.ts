import { randomBytes } from 'node:crypto';

/** A working day, milliseconds: whoever looks at the board every day logs in every day. */
export const SESSION_MS = 8 * 3_600_000;
/** More people do not look at one board; beyond it the oldest must log in again. */
const SESSIONS = 200;
/** Keys that may be tried in a minute. A key has 256 bits, so this is against noise, not against luck. */
const FAILURES = 20;
const MINUTE_MS = 60_000;

interface Session {
  readonly name: string;
  readonly until: number;
}

/** Who has logged in at the board. A restart forgets it. */
export class Sessions {
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  #failures: readonly number[] = [];

  /** @param now Unix milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lets somebody in. @returns what their cookie holds */
  open(name: string): string {
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, { name, until: this.#now() + SESSION_MS });
    return id;
  }

  /** Whose session it is, while it lasts. */
  nameOf(id: string): string | undefined {
    const session = this.#sessions.get(id);
    if (session !== undefined && session.until > this.#now()) return session.name;
    this.#sessions.delete(id);
    return undefined;
  }

  close(id: string): void {
    this.#sessions.delete(id);
  }

  /** Whether so many wrong keys came within a minute that no more are looked at. */
  get isTired(): boolean {
    this.#failures = this.#failures.filter((at) => at > this.#now() - MINUTE_MS);
    return this.#failures.length >= FAILURES;
  }

  noteFailure(): void {
    if (!this.isTired) this.#failures = [...this.#failures, this.#now()];
  }
}
