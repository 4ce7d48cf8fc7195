import { type QueueName, queueNames, type SpecConfig } from '@bundler/contract';
import { assumptions, costs } from './figures.ts';
import type { Load } from './load.ts';

const MEGABYTE = 1e6;
const CHUNK = 256 * 1024;
const SECOND = 1000;

/** What a queue needs under a load, whatever the pods are. */
export interface QueueDemand {
  /** Jobs that run at the same time, on average. */
  readonly jobs: number;
  /** CPU cores that they use. */
  readonly cores: number;
}

export interface Demand {
  readonly bytesPerSecond: number;
  /** CPU cores that receiving, verifying and signing use. */
  readonly apiCores: number;
  /** Database connections that the upload APIs hold, on average. */
  readonly apiConnections: number;
  readonly groupsPerSecond: number;
  readonly bundlesPerSecond: number;
  /** Bytes a second of items that the cache takes. */
  readonly cachedBytesPerSecond: number;
  readonly queues: Readonly<Record<QueueName, QueueDemand>>;
}

const idle: QueueDemand = { jobs: 0, cores: 0 };

/** What a load asks of each part of a platform with this spec. @param apis upload APIs that share the load */
export function demandOf(load: Load, config: SpecConfig, apis: number): Demand {
  const { uploadsPerSecond, mix, roundTripMs, gatewayRoundTripMs } = load;
  const rateOf = (wanted: (bytes: number) => boolean): number =>
    uploadsPerSecond * mix.reduce((sum, { bytes, share }) => sum + (wanted(bytes) ? share : 0), 0);
  const bytesOf = (wanted: (bytes: number) => boolean): number =>
    uploadsPerSecond * mix.reduce((sum, { bytes, share }) => sum + (wanted(bytes) ? bytes * share : 0), 0);
  const isGrouped = (bytes: number): boolean => bytes <= config.groupMaxItemSize;
  const isOversized = (bytes: number): boolean => bytes > config.maxBundleSize;
  const grouped = rateOf(isGrouped);
  const single = uploadsPerSecond - grouped;
  const groupedMegabytes = bytesOf(isGrouped) / MEGABYTE;
  const singleMegabytes = bytesOf((bytes) => !isGrouped(bytes)) / MEGABYTE;
  const groups = Math.min(grouped, (apis * SECOND) / Math.max(config.groupInterval, 1));

  const bundledRate = rateOf((bytes) => !isOversized(bytes));
  const bundledBytes = bytesOf((bytes) => !isOversized(bytes));
  const overdue = bundledRate > 0 ? Math.min(bundledRate, SECOND / config.overdueThreshold) : 0;
  const bundles = Math.max(bundledRate / config.maxBundleItems, bundledBytes / config.maxBundleSize, overdue);
  const oversized = rateOf(isOversized);
  const oversizedMegabytes = bytesOf(isOversized) / MEGABYTE;

  const { commitRoundTrips, jobRoundTrips, stepRoundTrips, postGatewayTrips, verifyGatewayTrips } = assumptions;
  const commitMs = (perSecond: number): number => perSecond * commitRoundTrips * roundTripMs;
  const seedCost = costs.workersPerMegabyte - costs.preparePerMegabyte;
  const postMs = postGatewayTrips * gatewayRoundTripMs;
  const chunkMs = (bytes: number, posts: number): number =>
    (Math.max(bytes / CHUNK, posts) * gatewayRoundTripMs) / config.seedChunkConcurrency;
  const prepareMs = (megabytes: number, count: number): number =>
    megabytes * costs.preparePerMegabyte + count * stepRoundTrips * roundTripMs;
  const open =
    ((bundles + oversized) * config.arweaveConfirmations * assumptions.blockSeconds * SECOND) / config.verifyInterval;
  const cached = bytesOf((bytes) => bytes <= Math.min(config.cacheMaxItemSize, config.cacheItemThreshold));
  const megabytes = bundledBytes / MEGABYTE;
  const demand = (busyMs: number, cpuMs: number): QueueDemand => ({
    jobs: Math.max(busyMs, cpuMs) / SECOND,
    cores: cpuMs / SECOND,
  });

  const queues: Partial<Record<QueueName, QueueDemand>> = {
    newDataItem: demand(
      (groups + single) * jobRoundTrips * roundTripMs + (cached / MEGABYTE) * costs.apiPerMegabyteStreamed,
      (cached / MEGABYTE) * costs.apiPerMegabyteStreamed,
    ),
    plan: demand(
      bundledRate * costs.planPerItem + (bundles + SECOND / config.planInterval) * stepRoundTrips * roundTripMs,
      bundledRate * costs.planPerItem,
    ),
    prepare: demand(prepareMs(megabytes, bundles), megabytes * costs.preparePerMegabyte),
    post: demand(bundles * postMs, 0),
    seed: demand(chunkMs(bundledBytes, bundles), megabytes * seedCost),
    oversizedDataItem: demand(
      prepareMs(oversizedMegabytes, oversized) + oversized * postMs + chunkMs(oversizedMegabytes * MEGABYTE, oversized),
      oversizedMegabytes * costs.workersPerMegabyte,
    ),
    verify: demand(open * verifyGatewayTrips * gatewayRoundTripMs, 0),
  };
  return {
    bytesPerSecond: (groupedMegabytes + singleMegabytes) * MEGABYTE,
    apiCores:
      (uploadsPerSecond * costs.apiPerUpload +
        groupedMegabytes * costs.apiPerMegabyteGrouped +
        singleMegabytes * costs.apiPerMegabyteStreamed) /
      SECOND,
    apiConnections: (commitMs(groups + single) + uploadsPerSecond * costs.insertPerItem) / SECOND,
    groupsPerSecond: groups,
    bundlesPerSecond: bundles + oversized,
    cachedBytesPerSecond: cached,
    queues: Object.fromEntries(queueNames.map((name) => [name, queues[name] ?? idle])) as Demand['queues'],
  };
}
