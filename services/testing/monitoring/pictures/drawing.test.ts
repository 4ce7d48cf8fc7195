import type { Board, Panel } from '@bundler/dashboards';
import type { Series } from '../live/ask.ts';
import type { Seen } from '../live/look.ts';
import { drawn } from './drawing.ts';

const series = (labels: Series['labels'], ...values: readonly number[]): Series => ({
  labels,
  points: values.map((value, at) => [at, value] as const),
});

/** The one panel of a board, drawn. */
function panelOf(changes: Partial<Panel>, answers: readonly (readonly [legend: string, series: readonly Series[]])[]) {
  const panel = { title: 'Jobs', kind: 'timeseries', unit: 'short', width: 8, queries: [], ...changes } as Panel;
  const board = { title: '', description: '', rows: [{ title: 'Row', panels: [panel] }] } as unknown as Board;
  const seen: Seen = { panel, answers: answers.map(([legend, series]) => ({ query: '', legend, series })) };
  return drawn({ board, seen: [seen], when: '', repeated: [] }).rows[0]!.panels[0]!;
}

describe('a drawing of a panel', () => {
  it('names its lines as the board does, over the same times, with gaps where there is no point', () => {
    const late: Series = { labels: { queue: 'post' }, points: [[1, 5]] };
    const { times, series: lines } = panelOf({}, [['{{queue}} dead', [series({ queue: 'plan' }, 1, 2), late]]]);
    expect(times).toEqual([0, 1]);
    expect(lines).toEqual([
      { name: 'plan dead', values: [1, 2] },
      { name: 'post dead', values: [null, 5] },
    ]);
  });

  it('takes the buckets of a heatmap apart, the lowest first', () => {
    const buckets = [series({ le: '+Inf' }, 10), series({ le: '0.5' }, 4), series({ le: '10' }, 9)];
    expect(panelOf({ kind: 'heatmap' }, [['{{le}}', buckets]]).series).toEqual([
      { name: '0.5', values: [4] },
      { name: '10', values: [5] },
      { name: '+Inf', values: [1] },
    ]);
  });

  it('puts the answers of a table side by side, and what is said of all into each row', () => {
    const { cells, columns } = panelOf({ kind: 'table' }, [
      ['objective', [series({ __name__: 'x', slo: 'posted' }, 0.99)]],
      ['left', [series({ slo: 'posted', config: 'one' }, 0.5), series({ slo: 'posted', config: 'two' }, 0.7)]],
    ]);
    expect(columns).toEqual(['slo', 'config', 'objective', 'left']);
    expect(cells).toEqual([
      ['posted', 'one', 0.99, 0.5],
      ['posted', 'two', 0.99, 0.7],
    ]);
  });

  it('says in the place of data what it needs', () => {
    expect(panelOf({ needs: 'jobs' }, [['', []]])).toMatchObject({ kind: 'empty', note: 'needs jobs' });
    expect(panelOf({ mayBeEmpty: 'needs KEDA' }, [['', []]])).toMatchObject({ kind: 'empty', note: 'needs KEDA' });
  });
});
