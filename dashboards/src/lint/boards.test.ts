import { alerts } from '../alerts/index.ts';
import {
  type Board,
  boardNames,
  boards,
  grafanaBoard,
  marks,
  type Panel,
  panelsOf,
  variablesOf,
} from '../boards/index.ts';
import { panelId } from '../boards/panel-id.ts';
import { ownMetrics } from '../catalogue.ts';
import { external } from '../external-metrics.ts';
import { sloRules } from '../slo/rules.ts';
import { metricsIn, problemsOf } from './problems.ts';
import { readQuery } from './selectors.ts';

const all: readonly Board[] = boardNames.map((name) => boards[name]);
const panels = all.flatMap((board) => panelsOf(board).map((panel) => ({ board, panel })));
const queries = panels.flatMap(({ board, panel }) =>
  panel.queries.map(({ expr }) => [`${board.name}: ${panel.title}`, expr.text] as const),
);
const every = (wrong: (panel: Panel, board: Board) => boolean): string[] =>
  panels.filter(({ panel, board }) => wrong(panel, board)).map(({ board, panel }) => `${board.name}: ${panel.title}`);

/** Metrics that no board, alert or objective uses, and why they are there all the same. */
const unusedBecause: Readonly<Record<string, string>> = {};

describe('the boards', () => {
  it.each(queries)('%s asks for series and labels that there are: %s', (_, query) => {
    expect(problemsOf(query)).toEqual([]);
  });

  it('mark and choose by series that there are', () => {
    const asked = [...Object.values(marks).map(({ expr }) => expr), ...all.flatMap(variablesOf).map(({ of }) => of)];
    expect(asked.flatMap((expr) => problemsOf(expr.text))).toEqual([]);
  });

  it('with the alerts and objectives use every metric of ours, or say why not', () => {
    const rules = alerts.flatMap((alert) => alert.rules.map(({ expr }) => expr.text));
    const recorded = Object.values(sloRules).flatMap((list) => list.map(({ expr }) => expr.text));
    const used = new Set([...queries.map(([, query]) => query), ...rules, ...recorded].flatMap(metricsIn));
    const unused = ownMetrics.map(({ name }) => name).filter((name) => !used.has(name));
    expect(unused.toSorted()).toEqual(Object.keys(unusedBecause).toSorted());
  });

  it('say of every panel what it shows and what good looks like, and in which unit', () => {
    expect(
      every(
        ({ title, description, unit }) =>
          title.length < 3 || description.length < 20 || !description.endsWith('.') || !unit,
      ),
    ).toEqual([]);
    expect(
      every(({ limits = [], description }) => limits.length > 0 && !/good|below|above|line/i.test(description)),
    ).toEqual([]);
  });

  it('have panels with titles and numbers of their own, so that a link to one stays right', () => {
    for (const board of all) {
      const titles = panelsOf(board).map(({ title }) => title);
      const ids = [...titles, ...board.rows.map(({ title }) => `row ${title}`)].map(panelId);
      expect(titles).toEqual([...new Set(titles)]);
      expect(ids).toEqual([...new Set(ids)]);
    }
  });

  it('fit windows to the resolution, and write them out only where the panel says which', () => {
    const fixed = panels.flatMap(({ board, panel }) =>
      panel.queries.flatMap(({ expr }) => {
        const windows = [...expr.text.matchAll(/\[([^\]]+)\]/g)].map(([, window]) => window);
        const said = /hour|minutes|week|day/.test(panel.description);
        return windows.some((window) => window !== '$__rate_interval') && !said
          ? [`${board.name}: ${panel.title}`]
          : [];
      }),
    );
    expect(fixed).toEqual([]);
  });

  it('leave nothing out that was not chosen: every query of a platform is narrowed by the variables', () => {
    const loose = queries.filter(([, query]) =>
      readQuery(query).selectors.some(
        ({ metric, matchers }) =>
          !/^(ALERTS|slo:(objective|error_budget))/.test(metric) && !matchers.some(({ label }) => label === 'cluster'),
      ),
    );
    expect(loose).toEqual([]);
  });

  it('name the series of every line by labels that it has', () => {
    const wrong = panels.flatMap(({ board, panel }) =>
      panel.queries.flatMap(({ expr, legend }) =>
        [...legend.matchAll(/\{\{(\w+)\}\}/g)].flatMap(([, label = '']) =>
          expr.labels.includes(label) ? [] : [`${board.name}: ${panel.title}: ${label}`],
        ),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('lead from every point of a latency to a trace, where the metric has them', () => {
    const latency = panels.filter(({ panel }) => panel.queries.some(({ exemplars }) => exemplars));
    expect(latency.map(({ board }) => board.name)).toEqual(expect.arrayContaining(['upload', 'queues', 'bundles']));
  });

  it('may be empty on a whole platform in one panel of ten at most, and each of those says why', () => {
    const mayBeEmpty = every((panel) => panel.mayBeEmpty !== undefined);
    expect(mayBeEmpty.length).toBeLessThanOrEqual(panels.length / 10);
    expect(every((panel) => panel.mayBeEmpty !== undefined && !panel.mayBeEmpty.startsWith('needs '))).toEqual([]);
    expect(panels.length).toBeGreaterThan(100);
  });

  it('of a platform may be empty only where they ask others alone', () => {
    const others = new Set(
      Object.values(external).flatMap(({ name, source }) => (/^(kube|KEDA)/.test(source) ? [name] : [])),
    );
    const asksOthers = ({ queries }: Panel): boolean =>
      queries.every(({ expr }) => metricsIn(expr.text).every((name) => others.has(name)));
    expect(every((panel) => (panel.mayBeEmpty !== undefined) !== asksOthers(panel))).toEqual([]);
  });

  it('are linked by alerts with panels that there are', () => {
    const missing = alerts.filter(
      ({ panel: [board, title] }) => !panelsOf(boards[board]).some((panel) => panel.title === title),
    );
    expect(missing.map(({ name, panel }) => `${name}: ${panel.join(': ')}`)).toEqual([]);
  });
});

describe('a board in Grafana', () => {
  it.each(all.map((board) => [board.name, board] as const))(
    '%s has its variables in their order, and no panel over another',
    (name, board) => {
      const json = grafanaBoard(board) as {
        uid: string;
        templating: { list: { name: string; refresh?: number }[] };
        panels: GridPanel[];
      };
      expect(json.uid).toBe(`bundler-${name}`);
      expect(json.templating.list.map(({ name }) => name).slice(0, 7)).toEqual([
        'datasource',
        'loki',
        'tempo',
        'cluster',
        'namespace',
        'config',
        'pod',
      ]);
      expect(json.templating.list.slice(3).every(({ refresh }) => refresh === 2)).toBe(true);
      expect(overlaps(json.panels)).toEqual([]);
      const ids = json.panels.flatMap((panel) => [panel.id, ...(panel.panels ?? []).map(({ id }) => id)]);
      expect(ids).toEqual([...new Set(ids)]);
    },
  );

  it('takes every source of data from a variable', () => {
    const uids = all.flatMap((board) =>
      [...JSON.stringify(grafanaBoard(board)).matchAll(/"uid":"([^"]+)"/g)].map(([, uid]) => uid),
    );
    expect(new Set(uids.filter((uid) => !uid?.startsWith('bundler-')))).toEqual(new Set(['${datasource}', '${loki}']));
  });
});

interface GridPanel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly panels?: readonly GridPanel[];
}

/** Panels that lie over each other, or stick out at the right. */
function overlaps(panels: readonly GridPanel[]): string[] {
  const taken = new Map<string, string>();
  return panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
    const wrong = x + w > 24 ? [`${title} sticks out`] : [];
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        const other = taken.get(`${column},${row}`);
        if (other !== undefined) return [`${title} lies over ${other}`];
        taken.set(`${column},${row}`, title);
      }
    }
    return wrong;
  });
}
