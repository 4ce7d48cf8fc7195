import { type Board, type Panel, panelsOf, variablesOf } from '@bundler/dashboards';
import type { Asking, Series, Window } from './ask.ts';
import { type Chosen, fillIn } from './variables.ts';

/** What one query of a panel gives. */
export interface Answered {
  /** As it was asked. */
  readonly query: string;
  readonly legend: string;
  /** Those that have a point. */
  readonly series: readonly Series[];
  /** What Prometheus did not like about it. */
  readonly error?: string;
}

/** A panel as somebody sees it who has opened its board. */
export interface Seen {
  readonly panel: Panel;
  /** Of a row that is there once for each value of a variable. */
  readonly of?: string;
  readonly answers: readonly Answered[];
}

/** Seconds between two scrapes, as Grafana would be told; more than it is, so that lines are as calm as they are there. */
const SCRAPE = 5;

/** What the variables of a board offer, each narrowed by those before it. */
export async function offered(board: Board, asking: Asking, keep: readonly string[]): Promise<Chosen> {
  let chosen: Chosen = {};
  for (const { name, of, from } of variablesOf(board)) {
    if (!keep.includes(name)) continue;
    const selector = fillIn(of.text, chosen, { step: 1, scrape: SCRAPE });
    chosen = { ...chosen, [name]: await asking.valuesOf(from, selector) };
  }
  return chosen;
}

/** Asks everything that a board asks, but for the logs. */
export async function look(board: Board, chosen: Chosen, asking: Asking, window: Window): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const { panels, repeat } of board.rows) {
    const values = repeat === undefined ? [undefined] : (chosen[repeat] ?? []);
    for (const of of values) {
      const narrowed = repeat === undefined || of === undefined ? chosen : { ...chosen, [repeat]: [of] };
      for (const panel of panels.filter(({ logs }) => logs === undefined)) {
        const answers = await Promise.all(panel.queries.map((query) => answer(query, narrowed, asking, window)));
        seen.push({ panel, answers, ...(of === undefined ? {} : { of }) });
      }
    }
  }
  return seen;
}

async function answer(
  { expr, legend, instant }: Panel['queries'][number],
  chosen: Chosen,
  asking: Asking,
  window: Window,
): Promise<Answered> {
  const query = fillIn(expr.text, chosen, { step: window.step, scrape: SCRAPE });
  try {
    const series = instant ? await asking.now(query, window.to) : await asking.range(query, window);
    return { query, legend, series: series.filter(({ points }) => points.length > 0) };
  } catch (error) {
    return { query, legend, series: [], error: (error as Error).message };
  }
}

/** Panels that a board has, but for logs: those that are asked for. */
export const askedOf = (board: Board): Panel[] => panelsOf(board).filter(({ logs }) => logs === undefined);
