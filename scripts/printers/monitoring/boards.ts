import { boardNames, boards, grafanaBoard } from '@bundler/dashboards';
import type { Printer } from '../printer.ts';

/** What Grafana loads: a file for each board. */
export const grafanaBoards: readonly Printer[] = boardNames.map((name) => ({
  path: `dashboards/grafana/${name}.json`,
  print: () => `${JSON.stringify(grafanaBoard(boards[name]), null, 1)}\n`,
}));
