import type { QueueName } from '@bundler/contract';
import { cleanup } from './cleanup.ts';
import { finalizeUpload } from './finalize-upload/index.ts';
import { followed } from './followed.ts';
import { newDataItem } from './new-data-item.ts';
import { opticalPost } from './optical-post/index.ts';
import { oversizedDataItem } from './oversized-data-item.ts';
import { plan } from './plan/index.ts';
import { post } from './post.ts';
import { prepare } from './prepare/index.ts';
import { putOffsets } from './put-offsets.ts';
import { redrive } from './redrive.ts';
import { refundBalance } from './refund-balance.ts';
import { seed } from './seed.ts';
import type { Stage } from './stage.ts';
import { unbundleBdi } from './unbundle-bdi/index.ts';
import { verify } from './verify/index.ts';

export type { StageContext } from './stage.ts';

/** One stage a queue. */
export const stages: { readonly [Name in QueueName]: Stage<Name> } = {
  finalizeUpload,
  newDataItem,
  unbundleBdi,
  putOffsets,
  opticalPost,
  plan,
  prepare: followed('prepare', prepare),
  post: followed('post', post),
  seed: followed('seed', seed),
  oversizedDataItem,
  verify: followed('verify', verify, true),
  refundBalance,
  redrive,
  cleanup,
};
