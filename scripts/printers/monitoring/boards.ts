import { type BoardName, boardNames, boards, grafanaBoard } from '@bundler/dashboards';
import type { Printer } from '../printer.ts';

/** What Grafana loads, a file for each board: by itself, and in the chart of the operator for Grafana's sidecar. */
export const grafanaBoards: readonly Printer[] = [
  'dashboards/grafana',
  'charts/bundler-operator/files/dashboards',
].flatMap((folder) => boardNames.map((name) => boardFile(folder, name)));

function boardFile(folder: string, name: BoardName): Printer {
  return {
    path: `${folder}/${name}.json`,
    print: () => `${JSON.stringify(grafanaBoard(boards[name]), null, 1)}\n`,
  };
}
