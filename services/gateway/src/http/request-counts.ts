/** How often one route was asked, and what it answered. */
export interface RouteCount {
  /** Requests that arrived, answered or not. */
  total: number;
  readonly byStatus: Record<string, number>;
}

/** Counts requests by route, for tests that ask how often a client called. */
export class RequestCounts {
  private readonly counts = new Map<string, RouteCount>();

  /** Notes a request on its arrival. */
  arrived(route: string): void {
    this.at(route).total += 1;
  }

  /** Notes what a request was answered with. */
  answered(route: string, status: number): void {
    const { byStatus } = this.at(route);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }

  /** Requests of a route, e.g. `POST /chunk`, or only those answered with `status`. */
  of(route: string, status?: number): number {
    const count = this.counts.get(route);
    return (status === undefined ? count?.total : count?.byStatus[status]) ?? 0;
  }

  /** All counts by route. */
  all(): Record<string, RouteCount> {
    return Object.fromEntries(this.counts);
  }

  /** Starts at zero again. */
  reset(): void {
    this.counts.clear();
  }

  private at(route: string): RouteCount {
    const count = this.counts.get(route) ?? { total: 0, byStatus: {} };
    this.counts.set(route, count);
    return count;
  }
}
