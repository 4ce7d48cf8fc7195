/** One series of an answer. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Times (seconds since 1970) and values; a point without a number is none, as in a graph. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** A stretch of time, seconds since 1970, and how far apart its points are. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

type Sample = readonly [number, string];
interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Sample;
  readonly values?: readonly Sample[];
}
interface Answer<Data> {
  readonly status: string;
  readonly error?: string;
  readonly data: Data;
}

/** The questions that Grafana asks of a Prometheus, by the same routes. */
export class Asking {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws Error with what Prometheus says is wrong with the query */
  async range(query: string, { from, to, step }: Window): Promise<Series[]> {
    const found = await this.#get<{ result: Result[] }>('query_range', { query, start: from, end: to, step });
    return seriesOf(found.result);
  }

  /** @throws Error with what Prometheus says is wrong with the query */
  async now(query: string, at: number): Promise<Series[]> {
    return seriesOf((await this.#get<{ result: Result[] }>('query', { query, time: at })).result);
  }

  /** The values that a label has in the series of a selector. */
  valuesOf(label: string, selector: string): Promise<string[]> {
    return this.#get<string[]>(`label/${label}/values`, { 'match[]': selector });
  }

  /** Names of all series that there are. */
  names(): Promise<string[]> {
    return this.#get<string[]>('label/__name__/values', {});
  }

  /** Names of all metrics that some process declares, whether they have a series or not. */
  async declared(): Promise<string[]> {
    return Object.keys(await this.#get<Record<string, unknown>>('metadata', {}));
  }

  async #get<Data>(route: string, parameters: Readonly<Record<string, string | number>>): Promise<Data> {
    const query = new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const response = await fetch(`${this.#url}/api/v1/${route}?${query}`);
    const { status, error, data } = (await response.json()) as Answer<Data>;
    if (status !== 'success') throw new Error(`${route} ${query.get('query') ?? ''}: ${error}`);
    return data;
  }
}

function seriesOf(results: readonly Result[]): Series[] {
  return results.map(({ metric, value, values = value ? [value] : [] }) => ({
    labels: metric,
    points: values.map(([at, text]) => [at, Number(text)] as const).filter(([, number]) => Number.isFinite(number)),
  }));
}
