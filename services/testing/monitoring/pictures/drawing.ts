import type { Board, Panel } from '@bundler/dashboards';
import type { Series } from '../live/ask.ts';
import type { Answered, Seen } from '../live/look.ts';
import type { DrawnBoard, DrawnPanel, DrawnRow, DrawnSeries } from './page/drawn.ts';

/** Columns of tables that say nothing; the boards hide them in Grafana too. */
const HIDDEN = new Set(['__name__', 'cluster', 'instance', 'job']);

interface Given {
  readonly board: Board;
  readonly seen: readonly Seen[];
  readonly when: string;
  /** Values for which a repeated row is drawn; the picture would be as long as there are queues. */
  readonly repeated: readonly string[];
}

/** What was seen of a board, as it is to be drawn. */
export function drawn({ board, seen, when, repeated }: Given): DrawnBoard {
  const rows = board.rows.flatMap((row): DrawnRow[] => {
    if (row.closed) return [{ title: row.title, panels: [], remark: 'closed until somebody opens it' }];
    const ofRow = seen.filter(({ panel }) => row.panels.includes(panel));
    if (row.repeat === undefined) return [{ title: row.title, panels: ofRow.map(drawnPanel) }];
    const values = [...new Set(ofRow.map(({ of }) => of ?? ''))];
    const shown = values.filter((value) => repeated.includes(value));
    const remark = `one such row for each of ${values.length}; ${shown.length} of them are drawn`;
    return shown.map((value) => ({
      title: row.title.replaceAll(`$${row.repeat}`, value),
      panels: ofRow.filter(({ of }) => of === value).map(drawnPanel),
      remark,
    }));
  });
  return { title: board.title, description: board.description, when, rows };
}

function drawnPanel({ panel, answers }: Seen): DrawnPanel {
  const isEmpty = answers.every(({ series }) => series.length === 0);
  const table = panel.kind === 'table' || panel.kind === 'alerts';
  return {
    title: panel.title,
    kind: isEmpty ? 'empty' : kindOf(panel),
    unit: panel.unit,
    width: panel.width,
    ...(table ? { times: [], series: [] } : lines(panel, answers)),
    limits: (panel.limits ?? []).map(({ value, colour, least = false }) => ({ value, colour, least })),
    stacked: panel.stacked ?? false,
    ...(panel.max === undefined ? {} : { max: panel.max }),
    states: panel.states ?? {},
    ...(table ? merged(answers) : { columns: [], cells: [] }),
    note: panel.mayBeEmpty ?? (panel.needs === undefined ? 'No data' : `needs ${panel.needs}`),
  };
}

function kindOf({ kind }: Panel): DrawnPanel['kind'] {
  if (kind === 'alerts') return 'table';
  return kind === 'logs' ? 'empty' : kind;
}

/** All series over the same times. */
function lines({ kind }: Panel, answers: readonly Answered[]): { times: number[]; series: DrawnSeries[] } {
  const times = [...new Set(answers.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([at]) => at))))];
  times.sort((one, other) => one - other);
  const series = answers.flatMap(({ legend, series }) =>
    series.map(({ labels, points }) => {
      const values = new Map(points);
      return { name: named(legend, labels), values: times.map((at) => values.get(at) ?? null) };
    }),
  );
  return { times, series: kind === 'heatmap' ? apart(series) : series };
}

/** Buckets as they are counted, each with those below it, taken apart. */
function apart(buckets: readonly DrawnSeries[]): DrawnSeries[] {
  const rising = buckets.toSorted((one, other) => boundOf(one) - boundOf(other));
  return rising.map(({ name, values }, index) => ({
    name,
    values: values.map((value, at) => value && Math.max(0, value - (rising[index - 1]?.values[at] ?? 0))),
  }));
}
const boundOf = ({ name }: DrawnSeries): number => (name === '+Inf' ? Infinity : Number(name));

/** A legend with the labels of a series filled in. */
function named(legend: string, labels: Series['labels']): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
}

/** The answers of a table side by side: a row has the values of all series whose labels do not contradict each other. */
function merged(answers: readonly Answered[]): Pick<DrawnPanel, 'columns' | 'cells'> {
  const rows: { labels: Record<string, string>; values: Record<string, number> }[] = [];
  // Those with most labels first: the others then say something about their rows.
  for (const { legend, series } of answers.toSorted((one, other) => labelCount(other) - labelCount(one))) {
    for (const { labels, points } of series) {
      const value = points.at(-1)![1];
      const own = shownOf(labels);
      const same = rows.filter((row) => agree(row.labels, own) && !(legend in row.values));
      for (const row of same) row.values[legend] = value;
      if (same.length === 0) rows.push({ labels: own, values: { [legend]: value } });
    }
  }
  const names = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))];
  const values = answers.map(({ legend }) => legend);
  return {
    columns: [...names, ...values],
    cells: rows.map((row) => [
      ...names.map((name) => row.labels[name] ?? ''),
      ...values.map((one) => row.values[one] ?? ''),
    ]),
  };
}

const shownOf = (labels: Series['labels']): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => !HIDDEN.has(label)));
const labelCount = ({ series }: Answered): number => Object.keys(shownOf(series[0]?.labels ?? {})).length;

function agree(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return Object.entries(one).every(([label, value]) => !(label in other) || other[label] === value);
}
