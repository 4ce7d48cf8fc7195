import { metrics, objectives } from '@bundler/contract';
import type { Size, SuiteName } from '@bundler/k6/profiles';
import {
  breakerClosed,
  countsAgree,
  loadFigures,
  multipartAccepted,
  noPage,
  noRestart,
  noServerError,
  nothingShed,
  poolsHold,
  queuesDrain,
  receipts,
  told,
  wellBehaved,
} from './gates.ts';
import type { Suite } from './suite.ts';

const { breakerEvents, breakerState, oversizedItems, rateLimitDecisions, workerConcurrency } = metrics;
const { kneeUploadsPerSecond, largeUploadBytes } = objectives.load;
const MiB = 1024 * 1024;
/** The ramp of `knee` goes to twice the goal. */
const HALF_OF_THE_RAMP = 0.5;

/** Nobody is sent away because a small machine signs slowly; how the platform sends away is what other suites look at. */
const PATIENT = { UPLOAD_MAX_SIGNING_WAIT_MS: '10000' };

const throughput = (perSecond: number, phase: string): Suite => ({
  proves: `${perSecond} uploads a second with their p99, and no pool, breaker or queue that gives way (success metrics ${phase})`,
  platform: 'any',
  gate: [...wellBehaved, ...poolsHold, noPage],
  observe: loadFigures,
});

const payment = (event: string): string => `sum(${breakerEvents.name}{service="payment",event="${event}"})`;

/** Every suite of `k6/suites`. */
export const suites: Readonly<Record<SuiteName, Suite>> = {
  smoke: {
    proves:
      'every type of signature, parts, status, price, health and metrics work (the testing strategy’s integration tests)',
    platform: 'any',
    settings: () => PATIENT,
    gate: [
      ...wellBehaved,
      noPage,
      {
        says: 'the upload in parts was accepted',
        query: multipartAccepted,
        of: 'growth',
        must: { equals: 1 },
        absent: 0,
      },
    ],
    aftermath: 'all-permanent',
  },
  'concurrent-50': {
    proves: 'fifty uploads of 1 KiB at once and no connection timeout (load test 1; task 1.1)',
    platform: 'any',
    settings: () => PATIENT,
    gate: [...wellBehaved, nothingShed, ...poolsHold, noPage],
    observe: loadFigures,
  },
  'throughput-50': throughput(50, 'after phase 1'),
  'throughput-100': throughput(100, 'after phases 1 and 2'),
  'throughput-200': throughput(200, 'after phase 2'),
  knee: {
    proves: `the pool is not what ends a climb below ${kneeUploadsPerSecond} uploads a second (success metrics: pool exhaustion)`,
    platform: 'any',
    gate: [
      {
        says: `the climb to ${2 * kneeUploadsPerSecond} uploads a second got past ${kneeUploadsPerSecond}`,
        query: 'ramp_progress',
        of: 'client',
        must: { atLeast: HALF_OF_THE_RAMP },
      },
      noServerError,
      noRestart,
      breakerClosed,
      ...poolsHold,
      queuesDrain,
    ],
    observe: loadFigures,
    stopsAtThreshold: true,
  },
  spike: {
    proves: 'a spike is taken or sent away with a time to come again, and forgotten after it (graceful degradation)',
    platform: 'any',
    gate: [receipts(1), noServerError, countsAgree, noRestart, queuesDrain],
    observe: loadFigures,
  },
  stress: {
    proves:
      'above what it can sign, the platform refuses early and keeps what it took (graceful degradation above capacity)',
    platform: 'any',
    gate: [receipts(1), noServerError, countsAgree, noRestart, ...poolsHold, queuesDrain],
    observe: loadFigures,
  },
  soak: {
    proves: 'an ordinary load for long leaves memory, descriptors and queues as they were (the first 24 hours)',
    platform: 'any',
    gate: [
      ...wellBehaved,
      ...poolsHold,
      noPage,
      {
        says: 'no process grows by more than 16 MiB in an hour, over the second half',
        query: `max(deriv(process_resident_memory_bytes[30m])) * 3600`,
        of: 'end',
        must: { atMost: 16 * MiB },
        only: 'full',
      },
      {
        says: 'no process gathers descriptors, over the second half',
        query: 'max(deriv(process_open_fds[30m])) * 3600',
        of: 'end',
        must: { atMost: 10 },
        only: 'full',
      },
    ],
    observe: {
      ...loadFigures,
      'growth of memory, MiB an hour': `max(deriv(process_resident_memory_bytes[$run])) * 3600 / ${MiB}`,
    },
  },
  large: {
    proves: 'a large item in parts within 300 s and in flat memory (load test 2; tasks 1.2 to 1.4)',
    platform: 'any',
    gate: [
      ...wellBehaved,
      {
        says: 'no upload API grew by more than a part of the item',
        query: `max(max_over_time(process_resident_memory_bytes{component="upload"}[$run]) - min_over_time(process_resident_memory_bytes{component="upload"}[$run]))`,
        of: 'end',
        must: { atMost: largeUploadBytes },
      },
    ],
    aftermath: 'all-permanent',
  },
  'rate-limit': {
    proves: '100 of 110 uploads of one address pass; keys, health and parts are told apart (load test 3; task 2.4)',
    platform: 'own',
    settings: (size) => ({
      ...PATIENT,
      RATE_LIMIT_ENABLED: 'true',
      RATE_LIMIT_MAX_REQUESTS: '100',
      RATE_LIMIT_WINDOW_MS: size === 'short' ? '30000' : '60000',
      // To the last request: a machine that does much else may stop Redis for longer than an upload should wait for it.
      RATE_LIMIT_TIMEOUT_MS: '10000',
      TRUSTED_PROXIES: '1',
    }),
    gate: [
      receipts(1),
      noServerError,
      countsAgree,
      noRestart,
      {
        says: 'the platform counted as many refusals as clients met: ten uploads and one question',
        query: `sum(${rateLimitDecisions.name}{tier="address",decision="deny"})`,
        of: 'growth',
        must: { equals: 11 },
        absent: 0,
      },
    ],
  },
  breaker: {
    proves:
      'two hundred at once open no breaker; a payment service that hangs does, uploads are refused at once, and it closes again (task 2.2)',
    platform: 'own',
    settings: (size: Size) => ({
      ...PATIENT,
      FREE_UPLOAD_LIMIT: '1024',
      PAYMENT_SERVICE_TIMEOUT: size === 'short' ? '1500' : '5000',
      PAYMENT_SERVICE_RESET_TIMEOUT: size === 'short' ? '2000' : '30000',
    }),
    gate: [
      receipts(1),
      noServerError,
      countsAgree,
      noRestart,
      {
        says: 'the breaker opened',
        query: `max(max_over_time(${breakerState.name}{service="payment"}[$run]))`,
        of: 'end',
        must: { atLeast: 1 },
      },
      {
        says: 'it tried whether the service is back',
        query: payment('half_open'),
        of: 'growth',
        must: { atLeast: 1 },
        absent: 0,
      },
      {
        says: 'it is closed again in every process',
        query: `max(${breakerState.name}{service="payment"})`,
        of: 'end',
        must: { equals: 0 },
      },
      told('BundlerPaymentCircuitOpen'),
      queuesDrain,
    ],
  },
  'plan-burst': {
    proves: 'a backlog that waits to be planned is planned and becomes permanent (task 1.5)',
    platform: 'own',
    settings: () => ({ ...PATIENT, PLAN_WORKER_PAUSED: 'true', MAX_DATA_ITEM_LIMIT: '20' }),
    gate: [
      ...wellBehaved,
      {
        says: 'five plans may run in one process',
        query: `max(${workerConcurrency.name}{queue="plan"})`,
        of: 'end',
        must: { equals: 5 },
        withinSeconds: 60,
      },
    ],
    aftermath: 'planned-from-a-pause',
  },
  'exactly-once': {
    proves: 'workers that are killed cost no item and bundle none twice (task 2.1)',
    platform: 'own',
    gate: [receipts(1), noServerError, countsAgree, queuesDrain],
    aftermath: 'all-permanent',
  },
  oversized: {
    proves: 'an item above the size of a bundle becomes permanent (task 2.3)',
    platform: 'own',
    settings: () => ({ MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT: String(8 * MiB) }),
    gate: [
      ...wellBehaved,
      {
        says: 'both items were set aside',
        query: `sum(${oversizedItems.name})`,
        of: 'growth',
        must: { equals: 2 },
        absent: 0,
        withinSeconds: 60,
      },
    ],
    aftermath: 'all-permanent',
  },
  autoscale: {
    proves: 'a burst brings more workers, and silence takes them away again (KEDA)',
    platform: 'cluster',
    gate: [
      receipts(1),
      noServerError,
      {
        says: 'more than one worker of newDataItem ran',
        query: `max_over_time(count(${workerConcurrency.name}{queue="newDataItem"})[$run:5s])`,
        of: 'end',
        must: { atLeast: 2 },
      },
      {
        says: 'one is left, or none, ten minutes later',
        query: `count(${workerConcurrency.name}{queue="newDataItem"})`,
        of: 'end',
        must: { atMost: 1 },
        absent: 0,
        withinSeconds: 600,
      },
      queuesDrain,
    ],
  },
};
