import { type Static, Type } from 'typebox';

/** How far an upload is, in their order; `failed` is the other end. An item whose bundle failed goes back to `accepted`. */
export const progressStages = [
  'receiving',
  'stored',
  'accepted',
  'planned',
  'posted',
  'seeded',
  'permanent',
  'failed',
] as const;
export type ProgressStage = (typeof progressStages)[number];

export const ProgressParams = Type.Object({
  id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Id of a data item or of an upload in parts.' }),
});

export const Progress = Type.Object(
  {
    id: Type.String(),
    stage: Type.Enum([...progressStages], { type: 'string' }),
    receivedByteCount: Type.Optional(Type.Integer({ description: 'Bytes of the item that have arrived.' })),
    totalByteCount: Type.Optional(
      Type.Integer({ description: 'Bytes of the item; absent when nobody has said so yet.' }),
    ),
    dataItemId: Type.Optional(
      Type.String({ description: 'Of an upload in parts: the data item that it became, once that is accepted.' }),
    ),
    bundleId: Type.Optional(Type.String({ description: 'Transaction of the bundle, once it is signed.' })),
    reason: Type.Optional(Type.String({ description: 'Why it failed.' })),
  },
  { $id: 'Progress' },
);
export type Progress = Static<typeof Progress>;
