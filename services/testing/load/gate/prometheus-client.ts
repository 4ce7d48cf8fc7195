import { until } from '../../src/until.ts';

/** How long a server that scrapes may take until it has looked again, milliseconds. */
const SCRAPE_MS = 60_000;

interface QueryAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** Asks a Prometheus by its HTTP API. */
export class PrometheusClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, '');
  }

  /** The one number a query gives at a time (seconds since 1970); undefined when there is no series. @throws when there are several */
  async number(query: string, at: number): Promise<number | undefined> {
    const parameters = new URLSearchParams({ query, time: String(at) });
    const answer = await fetch(`${this.url}/api/v1/query?${parameters}`);
    const { status, error, data } = (await answer.json()) as QueryAnswer;
    if (status !== 'success' || data === undefined) throw new Error(`Prometheus does not take ${query}: ${error}`);
    if (data.result.length > 1) throw new Error(`${query} gives ${data.result.length} numbers, not one`);
    const [sample] = data.result;
    return sample === undefined ? undefined : Number(sample.value[1]);
  }

  /** Waits until every target was scraped after this moment (seconds since 1970) and answered. */
  async scrapedSince(moment: number): Promise<void> {
    await until(async () => {
      const now = Date.now() / 1000;
      const [down, oldest] = [await this.number('count(up == 0)', now), await this.number('min(timestamp(up))', now)];
      return down === undefined && oldest !== undefined && oldest > moment;
    }, SCRAPE_MS);
  }
}
