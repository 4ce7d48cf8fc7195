import { boolean } from '../../settings/kinds.ts';
import { field } from './define.ts';

/** Parts that the model has a place for and that cannot be switched on yet; `absentParts` of the rules refuses them. */
export const absent = {
  boardEnabled: field({
    path: 'board.enabled',
    kind: boolean(),
    default: false,
    doc: 'Runs the queue board. There is none yet: only false is accepted.',
  }),
};
