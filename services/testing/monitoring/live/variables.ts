/** Values that were chosen for a board's variables, by the variable; one that is not here stands at "All". */
export type Chosen = Readonly<Record<string, readonly string[]>>;

interface Resolution {
  /** Seconds between two points. */
  readonly step: number;
  /** Seconds between two scrapes, as the data source of Grafana is told. */
  readonly scrape: number;
}

/** A query as Grafana sends it: the variables of a board and Grafana's own windows filled in. */
export function fillIn(query: string, chosen: Chosen, { step, scrape }: Resolution): string {
  const window = Math.max(step + scrape, 4 * scrape);
  return query
    .replaceAll('$__rate_interval', `${window}s`)
    .replaceAll(/\$(\w+)/g, (_, name: string) => anyOf(chosen[name]));
}

/** A regular expression for values; those that mean something in it are escaped, twice, because PromQL reads them first. */
function anyOf(values: readonly string[] | undefined): string {
  if (values === undefined) return '.*';
  const escaped = values.map((value) => value.replaceAll(/[\\^$*+?.()|[\]{}]/g, String.raw`\\$&`));
  return escaped.length === 1 ? escaped[0]! : `(${escaped.join('|')})`;
}
