/** CPU milliseconds of one upload by part, at 50 connections: a row of the bench's table "CPU per upload by part". */
interface UploadRow {
  readonly item: string;
  readonly bytes: number;
  readonly api: number;
  readonly workers: number;
  readonly postgres: number;
}

const row = (item: string, kibibytes: number, cpu: Omit<UploadRow, 'item' | 'bytes'>): UploadRow => ({
  item,
  bytes: kibibytes * 1024,
  ...cpu,
});

/**
 * What was measured by `make bench`, and where it is written. A test compares these with that page, so that a new run of the
 * bench is not forgotten here.
 */
export const figures = {
  source: 'docs/benchmark.md',
  date: '2026-11-28',
  machine: 'AMD EPYC, 2 cores',
  small: row('1 KiB rsa', 1, { api: 2.01, workers: 0.0598, postgres: 0.0811 }),
  medium: row('100 KiB rsa', 100, { api: 2.43, workers: 0.364, postgres: 0.107 }),
  /** Ten large uploads at once, over both cores. */
  largeMegabytesPerSecond: 454,
  cores: 2,
  /** Preparing bundles of so many MiB took so many seconds. */
  prepared: { mebibytes: 2048, seconds: 1.54 },
  planMsPerItem: 0.0408,
} as const;

const MEGABYTE = 1e6;
const { small, medium } = figures;
const megabytesApart = (medium.bytes - small.bytes) / MEGABYTE;

/** Milliseconds, from the figures: a line through the two sizes of small items, and the rate of large ones. */
export const costs = {
  apiPerUpload: small.api,
  apiPerMegabyteGrouped: (medium.api - small.api) / megabytesApart,
  apiPerMegabyteStreamed: (1000 * figures.cores) / figures.largeMegabytesPerSecond,
  workersPerMegabyte: (medium.workers - small.workers) / megabytesApart,
  preparePerMegabyte: (1000 * figures.prepared.seconds) / ((figures.prepared.mebibytes * 2 ** 20) / MEGABYTE),
  planPerItem: figures.planMsPerItem,
  insertPerItem: small.postgres,
} as const;

/** What was not measured, but taken. Each is on the safe side for a platform in one region. */
export const assumptions = {
  /** Part of what there is that may be used: queues grow without bounds near 1. */
  target: 0.7,
  /** Waits for PostgreSQL and the object store in one commit of a group, in one short job, in one step of a bundle. */
  commitRoundTrips: 4,
  jobRoundTrips: 3,
  stepRoundTrips: 5,
  /** Waits for the gateway to post a transaction (price, anchor, balance, post), and to read confirmations. */
  postGatewayTrips: 4,
  verifyGatewayTrips: 2,
  blockSeconds: 120,
  /** Redis for one job that waits, bytes. */
  jobBytes: 1000,
  /** For how long the workers may be away without the queues filling Redis, seconds. */
  backlogSeconds: 3600,
} as const;
