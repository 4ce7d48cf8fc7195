import { bundles } from './bundles.ts';
import { cost } from './cost.ts';
import type { Board } from './define.ts';
import type { BoardName } from './names.ts';
import { operator } from './operator.ts';
import { overview } from './overview.ts';
import { queues } from './queues.ts';
import { slos } from './slos.ts';
import { stores } from './stores.ts';
import { upload } from './upload.ts';

export type { Board, Panel, Query, Row, Variable } from './define.ts';
export { grafanaBoard, marks, variablesOf } from './grafana.ts';
export { type BoardName, boardNames } from './names.ts';

/** Every board. */
export const boards: Readonly<Record<BoardName, Board>> = {
  overview,
  upload,
  queues,
  bundles,
  stores,
  cost,
  slos,
  operator,
};

/** Every panel of a board. */
export const panelsOf = (board: Board) => board.rows.flatMap(({ panels }) => panels);
