import { type Static, Type } from 'typebox';
import { Receipt } from './upload.ts';

const UploadId = Type.String({ description: 'What the creation of the upload answered.' });
const Token = Type.String({ description: 'What the signer pays with.' });

/** Where in its life a multipart upload is. */
export const multipartStatuses = [
  'ASSEMBLING',
  'VALIDATING',
  'FINALIZING',
  'FINALIZED',
  'INVALID',
  'UNDERFUNDED',
  'APPROVAL_FAILED',
  'REVOKE_FAILED',
] as const;
export type MultipartStatusName = (typeof multipartStatuses)[number];

export const MultipartParams = Type.Object({ token: Token, uploadId: UploadId });
export const PartParams = Type.Object({
  token: Token,
  uploadId: UploadId,
  chunkOffset: Type.String({
    pattern: '^(-1|[0-9]{1,15})$',
    description: 'First byte of the part in the data item; -1 finalizes the upload and waits for its receipt.',
  }),
});
export const CreateMultipartQuery = Type.Object({
  chunkSize: Type.Optional(Type.String({ description: 'Bytes of each part but the last; 25000000 if left out.' })),
  totalBytes: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,15}$',
      description: 'Bytes of the data item; with an address: what is to be paid for by x402.',
    }),
  ),
  address: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'Who is credited with what is paid by x402, and pays for the item: its signer.',
    }),
  ),
});

export const MultipartCreated = Type.Object(
  {
    id: UploadId,
    min: Type.Integer({ description: 'Smallest chunk size.' }),
    max: Type.Integer({ description: 'Largest chunk size.' }),
    chunkSize: Type.Integer(),
  },
  { $id: 'MultipartCreated' },
);
export type MultipartCreated = Static<typeof MultipartCreated>;

export const ChunkSizeRefused = Type.Object(
  { error: Type.String(), min: Type.Integer(), max: Type.Integer() },
  { $id: 'ChunkSizeRefused' },
);
export type ChunkSizeRefused = Static<typeof ChunkSizeRefused>;

export const MultipartParts = Type.Object(
  {
    id: UploadId,
    min: Type.Integer(),
    max: Type.Integer(),
    chunkSize: Type.Integer(),
    size: Type.Integer({ description: 'Bytes of all stored parts.' }),
    chunks: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()]), {
      description: 'Offset and bytes of each stored part, in order: what need not be sent again.',
    }),
    failedReason: Type.Optional(Type.String()),
  },
  { $id: 'MultipartParts' },
);
export type MultipartParts = Static<typeof MultipartParts>;

export const MultipartStatus = Type.Object(
  {
    status: Type.Enum([...multipartStatuses], { type: 'string' }),
    timestamp: Type.Integer({ description: 'When it came into this state, Unix milliseconds.' }),
    receipt: Type.Optional(Receipt),
  },
  { $id: 'MultipartStatus' },
);
export type MultipartStatus = Static<typeof MultipartStatus>;
