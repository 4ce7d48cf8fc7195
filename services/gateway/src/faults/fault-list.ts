import type { ChunkError } from '../chunks/chunk-post.ts';
import type { AnswerFault, ConnectionFault, Fault } from './fault.ts';
import { parseFault } from './fault.ts';

/** What a fault list asks of the gateway. */
export interface FaultListOptions {
  /** True for a route the gateway has. */
  readonly hasRoute: (route: string) => boolean;
  /** Forgets a transaction at once; false if it is not known yet. */
  readonly forgetTx: (id: string) => boolean;
}

/** What faults do to a transaction that is accepted now. */
export interface TxFate {
  readonly forgotten: boolean;
  readonly stuck: boolean;
}

interface ActiveFault {
  readonly fault: Fault;
  matched: number;
  struck: number;
}

/** The faults in force. The first that matches a request strikes it. */
export class FaultList {
  private readonly options: FaultListOptions;
  private active: ActiveFault[] = [];

  constructor(options: FaultListOptions) {
    this.options = options;
  }

  /**
   * Puts a fault in force.
   *
   * @throws TypeError if it is malformed or names a route the gateway does not have.
   */
  add(json: Fault): void {
    const fault = parseFault(json);
    const { route } = fault;
    if (route !== undefined && !this.options.hasRoute(route)) {
      throw new TypeError(`No route "${route}": write it as the gateway does, e.g. "GET /tx/:id/status"`);
    }
    if ('forgetTx' in fault && this.options.forgetTx(fault.forgetTx)) return;
    this.active.push({ fault, matched: 0, struck: 0 });
  }

  /** Ends all faults. */
  clear(): void {
    this.active = [];
  }

  /** The faults in force with how often each has struck. */
  list(): (Fault & { struck: number })[] {
    return this.active.map(({ fault, struck }) => ({ ...fault, struck }));
  }

  /** What happens to a request on its arrival. */
  onRequest(route: string): AnswerFault | ConnectionFault | undefined {
    return this.strike(
      (fault): fault is AnswerFault | ConnectionFault =>
        ('status' in fault || 'delayMs' in fault || 'connection' in fault) &&
        (fault.route === undefined || fault.route === route),
    );
  }

  /** What happens to a transaction as it is accepted. */
  onTx(id: string): TxFate {
    const names = (target: string): boolean => target === id || target === 'next';
    const stuck = this.strike((fault): fault is Fault => 'dropTx' in fault && names(fault.dropTx));
    const forgotten = this.strike((fault): fault is Fault => 'forgetTx' in fault && names(fault.forgetTx));
    return { stuck: stuck !== undefined, forgotten: forgotten !== undefined };
  }

  /** What happens to a chunk that would be kept. */
  onChunk(): ChunkError | 'lost' | undefined {
    const struck = this.strike((fault): fault is Fault => 'rejectChunk' in fault || 'loseChunk' in fault);
    if (!struck) return undefined;
    return 'rejectChunk' in struck ? struck.rejectChunk : 'lost';
  }

  private strike<T extends Fault>(matches: (fault: Fault) => fault is T): T | undefined {
    for (const active of this.active) {
      const { fault } = active;
      if (!matches(fault)) continue;
      active.matched += 1;
      if (active.matched <= (fault.after ?? 0)) continue;
      active.struck += 1;
      if (active.struck === this.timesOf(fault)) this.active = this.active.filter((other) => other !== active);
      return fault;
    }
    return undefined;
  }

  /** Transactions are struck once unless told otherwise; anything else goes on until cleared. */
  private timesOf(fault: Fault): number {
    return fault.count ?? ('forgetTx' in fault || 'dropTx' in fault ? 1 : Number.POSITIVE_INFINITY);
  }
}
