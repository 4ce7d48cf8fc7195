// Runs in the browser, after uPlot's own script and `const board = …`.
import type UPlot from 'uplot';
import type { DrawnBoard, DrawnPanel, DrawnSeries } from './drawn.ts';

declare const uPlot: typeof UPlot;
declare const board: DrawnBoard;

const PALETTE =
  '#7eb26d #eab839 #6ed0e0 #ef843c #e24d42 #1f78c1 #ba43a9 #705da0 #508642 #cca300 #447ebc #c15c17 #890f02 #0a437c #6d1f62 #584477'.split(
    ' ',
  );
const COLOURS: Readonly<Record<string, string>> = {
  green: '#37872d',
  orange: '#ff780a',
  red: '#e02f44',
  blue: '#3274d9',
};
const MOST_IN_LEGEND = 10;
const SMALL_LIST = 24;

const colourOf = (name: string | undefined): string => COLOURS[name ?? 'green'] ?? '#8e8e8e';
const lineColour = (index: number): string => PALETTE[index % PALETTE.length]!;

/** A number as Grafana writes it with this unit. */
function written(value: number, unit: string): string {
  switch (unit) {
    case 's':
      return ofTime(value);
    case 'bytes':
    case 'Bps':
      return `${scaled(value, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB'])}${unit === 'Bps' ? '/s' : ''}`;
    case 'ops':
    case 'reqps':
      return `${short(value)} ${unit === 'ops' ? 'ops/s' : 'req/s'}`;
    case 'percentunit':
      return `${trimmed(value * 100)}%`;
    case 'd':
      return `${short(value)} days`;
    default:
      return short(value);
  }
}
const trimmed = (value: number): string => String(Number(value.toPrecision(3)));
const short = (value: number): string => scaled(value, 1000, ['', ' K', ' Mil', ' Bil', ' Tri', ' Quadr']);

function ofTime(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${trimmed(seconds * 1e6)} µs`;
  if (size < 1) return `${trimmed(seconds * 1e3)} ms`;
  if (size < 120) return `${trimmed(seconds)} s`;
  return size < 7200 ? `${trimmed(seconds / 60)} min` : `${trimmed(seconds / 3600)} h`;
}

function scaled(value: number, factor: number, names: readonly string[]): string {
  let [rest, step] = [value, 0];
  while (Math.abs(rest) >= factor && step < names.length - 1) [rest, step] = [rest / factor, step + 1];
  return `${trimmed(rest)}${names[step]}`;
}

function element(kind: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text;
  return made;
}

function legend(names: readonly string[]): HTMLElement {
  const list = element('div', 'legend');
  for (const [index, name] of names.slice(0, MOST_IN_LEGEND).entries()) {
    const entry = element('span', '', name);
    const mark = element('i', '');
    mark.style.background = lineColour(index);
    entry.prepend(mark);
    list.append(entry);
  }
  if (names.length > MOST_IN_LEGEND) list.append(element('span', '', `and ${names.length - MOST_IN_LEGEND} more`));
  return list;
}

/** Each series on top of those before it. */
function piled(series: readonly DrawnSeries[]): (number | null)[][] {
  const sums: number[] = [];
  return series.map(({ values }) => values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0))));
}

/** Lines at the limits, over the chart, as far as they are within it. */
function limitLines({ limits }: DrawnPanel): UPlot.Plugin {
  const draw = (chart: UPlot): void => {
    const { left, top, width, height } = chart.bbox;
    for (const { value, colour } of limits) {
      const y = chart.valToPos(value, 'y', true);
      if (y < top || y > top + height) continue;
      chart.ctx.strokeStyle = colourOf(colour);
      chart.ctx.lineWidth = 1;
      chart.ctx.setLineDash([6, 4]);
      chart.ctx.beginPath();
      chart.ctx.moveTo(left, y);
      chart.ctx.lineTo(left + width, y);
      chart.ctx.stroke();
      chart.ctx.setLineDash([]);
    }
  };
  return { hooks: { draw } };
}

/** The columns of a heatmap: the more, the darker. */
function heat({ series, times }: DrawnPanel): UPlot.Plugin {
  const most = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)), 1);
  const draw = (chart: UPlot): void => {
    const width = Math.max(2, chart.bbox.width / times.length);
    for (const [row, { values }] of series.entries()) {
      const [top, bottom] = [chart.valToPos(row + 1, 'y', true), chart.valToPos(row, 'y', true)];
      for (const [at, value] of values.entries()) {
        if (!value) continue;
        chart.ctx.fillStyle = `rgba(230, 85, 13, ${0.15 + 0.85 * Math.sqrt(value / most)})`;
        chart.ctx.fillRect(chart.valToPos(times[at]!, 'x', true) - width / 2, top + 1, width, bottom - top - 1);
      }
    }
  };
  return { hooks: { draw } };
}

function graph(panel: DrawnPanel, into: HTMLElement, axes: boolean): void {
  const place = element('div', 'chart');
  into.append(place);
  const heatmap = panel.kind === 'heatmap';
  if (!heatmap && axes) into.append(legend(panel.series.map(({ name }) => name)));
  // The highest pile first, so that those below are drawn over it.
  const order = [...panel.series.keys()];
  if (panel.stacked) order.reverse();
  const piles = panel.stacked ? piled(panel.series) : panel.series.map(({ values }) => [...values]);
  const values = order.map((index) => piles[index]!);
  const data = [[...panel.times], ...(heatmap ? [panel.times.map(() => null)] : values)] as UPlot.AlignedData;
  const line = (index: number): UPlot.Series => ({
    stroke: lineColour(index),
    width: 1.5,
    points: { show: panel.times.length < 3 },
    ...(panel.stacked || !axes ? { fill: `${lineColour(index)}${panel.stacked ? '' : '40'}` } : {}),
  });
  const rows = panel.series.length;
  const label = (value: number): string => {
    if (!heatmap) return written(value, panel.unit);
    const name = panel.series[value - 1]?.name;
    return name === undefined ? '' : name === '+Inf' ? '∞' : written(Number(name), panel.unit);
  };
  const grid = { stroke: '#e8eaed', width: 1 };
  const axis = { stroke: '#6e7781', font: '10px sans-serif', grid, ticks: { show: false } };
  const range: UPlot.Range.Function = (_, least, greatest) => {
    if (heatmap) return [0, rows];
    const top = panel.max ?? ((greatest ?? 0) || 1) * 1.08;
    return [Math.min(0, least ?? 0), top];
  };
  const options: UPlot.Options = {
    width: place.clientWidth,
    height: place.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range } },
    axes: [
      {
        ...axis,
        show: axes,
        size: 18,
        gap: 2,
        values: (_, all) => all.map((at) => new Date(at * 1000).toISOString().slice(11, 19)),
        space: 70,
      },
      {
        ...axis,
        show: axes,
        size: 62,
        gap: 3,
        ...(heatmap ? { splits: () => Array.from({ length: rows }, (_, row) => row + 1) } : {}),
        values: (_, all) => all.map((value) => (heatmap && rows > 10 && value % 2 === 0 ? '' : label(value))),
      },
    ],
    series: [{}, ...(heatmap ? [{ show: false }] : order.map(line))],
    plugins: [heatmap ? heat(panel) : limitLines(panel)],
  };
  // oxlint-disable-next-line eslint/no-new -- it draws itself.
  new uPlot(options, data, place);
}

/** Green, or the colour of the limit that is broken. */
function judged(value: number, { limits }: DrawnPanel): string {
  const broken = limits.filter((limit) => (limit.least ? value < limit.value : value >= limit.value));
  return colourOf(broken.some(({ colour }) => colour === 'red') ? 'red' : broken[0]?.colour);
}

function figure(panel: DrawnPanel, into: HTMLElement): void {
  const last = panel.series[0]!.values.findLast((value) => value !== null) ?? 0;
  graph(panel, into, false);
  const value = element('div', 'value', written(last, panel.unit));
  value.style.color = judged(last, panel);
  into.append(value);
}

function table({ cells, columns, unit }: DrawnPanel, into: HTMLElement): void {
  const made = document.createElement('table');
  const head = made.createTHead().insertRow();
  head.append(...columns.map((name) => element('th', '', name)));
  for (const row of cells.slice(0, SMALL_LIST)) {
    const line = made.insertRow();
    for (const cell of row) line.insertCell().textContent = typeof cell === 'number' ? written(cell, unit) : cell;
  }
  into.append(made);
}

/** A bar for each series, in the colours of its states. */
function timeline({ series, states, times }: DrawnPanel, into: HTMLElement): void {
  const list = element('div', 'states');
  for (const { name, values } of series.slice(0, SMALL_LIST / 2)) {
    const line = document.createElement('div');
    const bar = document.createElement('b');
    for (const value of values) {
      const part = document.createElement('i');
      part.style.flex = String(1 / times.length);
      part.style.background = value === null ? 'transparent' : colourOf(states[value]?.[1]);
      bar.append(part);
    }
    line.append(element('span', '', name), bar);
    list.append(line);
  }
  const meanings = element('div', 'legend');
  for (const [text, colour] of Object.values(states)) {
    const entry = element('span', '', text);
    const mark = element('i', '');
    mark.style.background = colourOf(colour);
    entry.prepend(mark);
    meanings.append(entry);
  }
  into.append(list, meanings);
}

function draw(panel: DrawnPanel, into: HTMLElement): void {
  switch (panel.kind) {
    case 'empty':
      into.append(element('div', 'empty', panel.note));
      return;
    case 'stat':
      figure(panel, into);
      return;
    case 'table':
      table(panel, into);
      return;
    case 'state-timeline':
      timeline(panel, into);
      return;
    case 'heatmap':
    case 'timeseries':
      graph(panel, into, true);
  }
}

const header = document.createElement('header');
header.append(element('h1', '', board.title), element('p', '', `${board.description} ${board.when}`));
document.body.append(header);
for (const { title, panels, remark } of board.rows) {
  const heading = element('h2', '', `${panels.length === 0 ? '▸' : '▾'} ${title} `);
  if (remark !== undefined) heading.append(element('small', '', `(${remark})`));
  const row = element('div', 'row');
  document.body.append(heading, row);
  for (const panel of panels) {
    const box = element('div', `panel ${panel.kind === 'stat' ? 'stat' : ''} ${panel.kind === 'table' ? 'tall' : ''}`);
    box.style.gridColumn = `span ${panel.width}`;
    box.append(element('h3', '', panel.title));
    row.append(box);
    draw(panel, box);
  }
}
document.body.dataset.drawn = 'yes';
