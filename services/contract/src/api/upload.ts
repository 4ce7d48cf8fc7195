import { type Static, Type } from 'typebox';
import { Approval } from './payment.ts';

const Id = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'SHA-256, base64url.' });
const Address = Type.String({ description: 'base64url of the SHA-256 of the public key.' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const ItemParams = Type.Object({ id: Id });
export const StatusParams = Type.Object({
  id: Type.String({
    pattern: '^([A-Za-z0-9_-]{43}|[0-9a-f-]{36})$',
    description: 'Id of a data item, or of the upload in parts that became one.',
  }),
});

export const Receipt = Type.Object(
  {
    id: Id,
    owner: Address,
    timestamp: Type.Integer({ description: 'When the item was accepted, Unix milliseconds.' }),
    winc: Type.String({ description: 'What was charged, Winston credits.' }),
    version: Type.String(),
    deadlineHeight: Type.Integer({ description: 'Block height by which the item is on chain.' }),
    dataCaches: Type.Array(Type.String()),
    fastFinalityIndexes: Type.Array(Type.String()),
    public: Type.String({ description: 'RSA modulus of the receipt signer, base64url.' }),
    signature: Type.String({
      description: 'RSA-PSS over the deep hash of ["Bundlr", version, id, deadlineHeight, timestamp], base64url.',
    }),
    createdApproval: Type.Optional(Approval),
    revokedApprovals: Type.Optional(Type.Array(Approval)),
  },
  { $id: 'Receipt' },
);
export type Receipt = Static<typeof Receipt>;

/** Of an item inside of another one. */
const parent = {
  parentDataItemId: Type.Optional(Id),
  startOffsetInParentDataItemPayload: Type.Optional(Type.Integer()),
};

export const ItemStatus = Type.Object(
  {
    status: Type.Enum(['CONFIRMED', 'FINALIZED', 'FAILED'], { type: 'string' }),
    info: Type.Enum(['new', 'pending', 'permanent', 'failed'], { type: 'string' }),
    bundleId: Type.Optional(Id),
    rawContentLength: Type.Integer(),
    payloadContentType: Nullable(Type.String()),
    payloadDataStart: Type.Integer(),
    payloadContentLength: Type.Integer(),
    startOffsetInRootBundle: Type.Optional(Type.Integer()),
    ...parent,
    winc: Type.String(),
    reason: Type.Optional(Type.String()),
  },
  { $id: 'ItemStatus' },
);
export type ItemStatus = Static<typeof ItemStatus>;

export const ItemOffsets = Type.Object(
  {
    dataItemId: Id,
    rootBundleId: Type.Optional(Id),
    startOffsetInRootBundle: Type.Optional(Type.Integer()),
    rawContentLength: Type.Integer(),
    payloadDataStart: Type.Integer(),
    payloadContentType: Nullable(Type.String()),
    payloadContentLength: Type.Integer(),
    ...parent,
  },
  { $id: 'ItemOffsets' },
);
export type ItemOffsets = Static<typeof ItemOffsets>;

export const Info = Type.Object(
  {
    version: Type.String(),
    addresses: Type.Object({ arweave: Type.String() }),
    gateway: Type.String(),
    gateways: Type.Array(Type.String()),
    freeUploadLimitBytes: Type.Integer(),
  },
  { $id: 'Info' },
);
export type Info = Static<typeof Info>;
