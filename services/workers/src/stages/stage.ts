import type {
  ArweaveNetwork,
  Bundles,
  ChainTip,
  CreditSharing,
  DataItems,
  JobHandler,
  JobProducer,
  MultipartUploads,
  NestedItems,
  ObjectCache,
  ObjectStore,
  OpticalBridges,
  OpticalDeliveries,
  Payment,
  PaymentSettlement,
  Planning,
  ReadRange,
  Segments,
  Settlements,
  Unbundlings,
  Wallet,
} from '@bundler/adapters';
import type { OwnerList } from '@bundler/ans104';
import type { Config, QueueName } from '@bundler/contract';
import type { Logger, Metrics, Tracing } from '@bundler/runtime';

/** What stages are given. Each takes what it needs. */
export interface StageContext {
  readonly config: Config;
  readonly bundles: Bundles;
  readonly planning: Planning;
  readonly segments: Segments;
  readonly uploads: MultipartUploads;
  readonly items: DataItems;
  readonly unbundlings: Unbundlings;
  readonly nestedItems: NestedItems;
  readonly deliveries: OpticalDeliveries;
  readonly bridges: OpticalBridges;
  readonly tip: ChainTip;
  readonly payment: Payment;
  readonly sharing: CreditSharing;
  /** Undefined where there is no payment service. */
  readonly settlement: PaymentSettlement | undefined;
  readonly settlements: Settlements;
  readonly blockedOwners: Pick<OwnerList, 'has'>;
  readonly store: ObjectStore;
  /** Undefined when objects are as near as a cache would be. */
  readonly cache: ObjectCache | undefined;
  readonly read: ReadRange;
  /** Like `read`, for whoever is done with a piece when it asks for the next one. */
  readonly readTransient: ReadRange;
  readonly network: ArweaveNetwork;
  readonly wallet: Wallet;
  readonly jobs: Pick<JobProducer, 'add'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Undefined where nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Makes a stage's handler. Every handler is idempotent: its job may run twice, at the same time even. */
export type Stage<Name extends QueueName> = (context: StageContext) => JobHandler<Name>;
