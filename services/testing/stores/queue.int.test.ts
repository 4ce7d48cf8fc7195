import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  BullProducer,
  type JobConsumer,
  type JobHandler,
  QueueInspector,
  type QueueOverview,
  startConsumer,
} from '@bundler/adapters';
import { type QueueName, queues, settings } from '@bundler/contract';
import { createLogger, createMetrics, type Metrics } from '@bundler/runtime';
import { freePort } from '@bundler/standalone/embedded';
import { Redis } from 'ioredis';
import { until } from '../src/index.ts';
import { Scraped } from '../src/metrics/scraped.ts';
import { type OwnRedis, openRedis } from './fixtures/own-redis.ts';

/** What an upload may wait for a Redis that does not answer, and as much again for a busy test machine. */
const LIMIT_MS = 400;
const logger = createLogger('test', 'silent');

describe('queues', () => {
  let redis: OwnRedis;
  let producer: BullProducer;
  let inspector: QueueInspector;
  let consumers: JobConsumer[];
  let metrics: Metrics;
  let job: { segmentId: string };

  beforeAll(async () => {
    redis = await openRedis('queue');
  }, 30_000);
  afterAll(() => redis?.close());
  beforeEach(async () => {
    consumers = [];
    metrics = createMetrics();
    job = { segmentId: randomUUID() };
    producer = new BullProducer(redis.url, logger);
    inspector = new QueueInspector(redis.url, logger);
    await until(() => producer.add('newDataItem', job));
    await until(() =>
      overview('newDataItem').then(
        () => true,
        () => false,
      ),
    );
    await flush();
  });
  afterEach(async () => {
    for (const consumer of consumers) await consumer.close(1000);
    await producer.close();
    await inspector.close();
  });

  async function flush(): Promise<void> {
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  }

  function consume(handler: JobHandler<'newDataItem'>, concurrency = 2): JobConsumer {
    const options = { url: redis.url, concurrency, logger, metrics };
    const consumer = startConsumer('newDataItem', handler, options);
    consumers.push(consumer);
    return consumer;
  }

  const overview = async (queue: QueueName): Promise<QueueOverview> =>
    (await inspector.overview()).find((one) => one.queue === queues[queue].name)!;
  const depth = async (): Promise<number> => (await overview('newDataItem')).waiting;

  const count = async (name: string, labels: Record<string, string>): Promise<number> =>
    new Scraped(await metrics.registry.metrics()).value(name, labels);

  /** How long it took to be refused a job, milliseconds. */
  async function refusal(from: BullProducer): Promise<number> {
    const started = performance.now();
    if (await from.add('newDataItem', job)) throw new Error('the job was added');
    return performance.now() - started;
  }

  it('refuse a job soon when Redis was never there', async () => {
    const lonely = new BullProducer(`redis://127.0.0.1:${await freePort()}`, logger);
    try {
      expect(await refusal(lonely)).toBeLessThan(LIMIT_MS);
    } finally {
      await lonely.close();
    }
  });

  it('are called in Redis and in metrics as the contract and the autoscaler call them', async () => {
    await producer.add('oversizedDataItem', { bundleId: randomUUID() });
    const { name } = queues.oversizedDataItem;
    const client = new Redis(redis.url);
    expect(await client.llen(`bull:${name}:wait`)).toBe(1);
    client.disconnect();
    const { oldestAt, ...seen } = await overview('oversizedDataItem');
    expect(seen).toMatchObject({ queue: name, waiting: 1, active: 0, delayed: 0, failed: 0 });
    expect(Date.now() - oldestAt!).toBeLessThan(60_000);
    expect(await overview('plan')).toMatchObject({ waiting: 0, oldestAt: undefined });
    const options = { url: redis.url, concurrency: 1, logger, metrics };
    consumers.push(startConsumer('oversizedDataItem', async () => undefined, options));
    const processed = () => metrics.registry.getSingleMetricAsString('jobs_processed_total');
    await until(async () => (await processed()).includes(`{queue="${name}",outcome="done"} 1`));
  });

  it('hold a job once, however often it is added while it waits', async () => {
    const added = await Promise.all([1, 2, 3].map(() => producer.add('newDataItem', job)));
    expect(added).toEqual([true, true, true]);
    expect(await depth()).toBe(1);
    const ran: string[] = [];
    consume(async ({ segmentId }) => void ran.push(segmentId));
    await until(async () => ran.length > 0 && (await depth()) === 0);
    expect(ran).toEqual([job.segmentId]);
  });

  it('add nothing while the same job runs, and run it again when it is added after its end', async () => {
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    consume(async () => {
      runs += 1;
      await gate.promise;
    });
    await producer.add('newDataItem', job);
    await until(() => runs === 1);
    expect(await producer.add('newDataItem', job)).toBe(true);
    // The consumer has room for one more: it takes a job added later, but had none of the same to take.
    const other = { segmentId: randomUUID() };
    await producer.add('newDataItem', other);
    await until(() => runs === 2);
    expect(await depth()).toBe(0);
    gate.resolve();
    await until(async () => {
      await producer.add('newDataItem', job);
      return runs === 3;
    });
  });

  it('run optical posts once more, never at once, when they are added while they run', async () => {
    const gates: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const handler: JobHandler<'opticalPost'> = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((go) => gates.push(go));
      running -= 1;
    };
    const options = { url: redis.url, concurrency: 3, logger, metrics: createMetrics() };
    const consumer = startConsumer('opticalPost', handler, options);
    consumers.push(consumer);
    const bridge = 'https://bridge.example.com/queue';
    await producer.add('opticalPost', { bridge });
    await until(() => gates.length === 1);
    for (let added = 0; added < 5; added += 1) await producer.add('opticalPost', { bridge });
    gates[0]!();
    await until(() => gates.length === 2);
    gates[1]!();
    await producer.add('opticalPost', { bridge });
    await until(() => gates.length === 3);
    gates[2]!();
    await until(() => running === 0);
    expect(most).toBe(1);
  });

  it('try a failed job again, and add nothing while it waits for that', async () => {
    let tries = 0;
    consume(async () => {
      tries += 1;
      if (tries === 1) throw new Error('fails at first');
    });
    await producer.add('newDataItem', job);
    await until(() => tries === 1);
    expect(await producer.add('newDataItem', job)).toBe(true);
    expect(await depth()).toBe(0);
    await until(() => tries === 2);
    const queue = 'newDataItem';
    await until(async () => (await count('jobs_processed_total', { queue, outcome: 'done' })) === 1);
    expect(await count('jobs_processed_total', { queue, outcome: 'failed' })).toBe(1);
    expect([await count('job_retries_total', { queue }), await count('jobs_dead_total', { queue })]).toEqual([1, 0]);
    expect(await count('worker_active_jobs', { queue })).toBe(0);
  });

  it('count a job as dead when its last try has failed', async () => {
    const fail = () => Promise.reject(new Error('fails'));
    consumers.push(startConsumer('plan', fail, { url: redis.url, concurrency: 1, logger, metrics }));
    await producer.add('plan', { trigger: 'test' });
    await until(async () => (await count('jobs_dead_total', { queue: 'plan' })) === 1);
    expect(await count('job_retries_total', { queue: 'plan' })).toBe(0);
    expect((await overview('plan')).failed).toBe(1);
  });

  it('give the job of a killed worker to another one, and count that', async () => {
    const script = new URL('fixtures/consume.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, redis.url, 'hang'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await producer.add('newDataItem', job);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    const ran: string[] = [];
    consume(async ({ segmentId }) => void ran.push(segmentId));
    await until(() => ran.length > 0, 50_000);
    expect(await count('jobs_stalled_total', { queue: 'newDataItem' })).toBe(1);
  }, 60_000);

  it('run more jobs at once from the moment they may, though every slot is taken by a long one', async () => {
    const gate = Promise.withResolvers<void>();
    let running = 0;
    const consumer = consume(async () => {
      running += 1;
      await gate.promise;
      running -= 1;
    });
    for (let count = 0; count < 6; count++) await producer.add('newDataItem', { segmentId: randomUUID() });
    await until(() => running === 2);
    consumer.setConcurrency(5);
    await until(() => running === 5);
    expect(await depth()).toBe(1);
    gate.resolve();
    await until(async () => running === 0 && (await depth()) === 0);
  });

  it('spread a hundred jobs over three workers, each once', async () => {
    const everyWorkerHasOne = Promise.withResolvers<void>();
    const ran: string[][] = [[], [], []];
    for (const own of ran) {
      consume(async ({ segmentId }) => {
        own.push(segmentId);
        if (ran.every(({ length }) => length > 0)) everyWorkerHasOne.resolve();
        await everyWorkerHasOne.promise;
      });
    }
    const jobs = Array.from({ length: 100 }, () => randomUUID());
    for (const segmentId of jobs) await producer.add('newDataItem', { segmentId });
    await until(async () => ran.flat().length >= jobs.length && (await depth()) === 0);
    expect(ran.flat().toSorted()).toEqual(jobs.toSorted());
  });

  it('run five plans at once of a thousand that wait', async () => {
    for (let trigger = 0; trigger < 1000; trigger += 1) await producer.add('plan', { trigger: String(trigger) });
    const gate = Promise.withResolvers<void>();
    let [running, most, done] = [0, 0, 0];
    const options = {
      url: redis.url,
      concurrency: settings.planConcurrency.default!,
      logger,
      metrics: createMetrics(),
    };
    consumers.push(
      startConsumer(
        'plan',
        async () => {
          running += 1;
          most = Math.max(most, running);
          await gate.promise;
          running -= 1;
          done += 1;
        },
        options,
      ),
    );
    await until(() => running === 5);
    expect((await overview('plan')).waiting).toBe(995);
    gate.resolve();
    await until(() => done === 1000, 30_000);
    expect(most).toBe(5);
  }, 60_000);

  it('begin no job while they rest, finish the one in progress, and go on afterwards', async () => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    let ended = 0;
    const consumer = consume(async () => {
      begun += 1;
      if (begun === 1) await gate.promise;
      ended += 1;
    });
    await producer.add('newDataItem', job);
    await until(() => begun === 1);
    consumer.setConcurrency(0);
    for (let count = 0; count < 3; count++) await producer.add('newDataItem', { segmentId: randomUUID() });
    gate.resolve();
    await until(() => ended === 1);
    // Another consumer that takes a job shows that these had every opportunity to.
    const otherGate = Promise.withResolvers<void>();
    let taken = 0;
    const other = consume(async () => {
      taken += 1;
      await otherGate.promise;
    }, 1);
    await until(() => taken === 1);
    other.setConcurrency(0);
    expect(begun).toBe(1);
    expect(await depth()).toBe(2);
    consumer.setConcurrency(1);
    await until(() => ended === 3);
    otherGate.resolve();
  });

  it('may begin at rest', async () => {
    let begun = 0;
    const consumer = consume(async () => void begun++, 0);
    await producer.add('newDataItem', job);
    expect(await depth()).toBe(1);
    consumer.setConcurrency(1);
    await until(() => begun === 1);
  });

  it('forget jobs when Redis is flushed; the next job is taken by the consumers that were there', async () => {
    await producer.add('newDataItem', { segmentId: randomUUID() });
    await flush();
    expect(await depth()).toBe(0);
    const ran: string[] = [];
    consume(async ({ segmentId }) => void ran.push(segmentId));
    await producer.add('newDataItem', job);
    await until(() => ran.length === 1);
    await flush();
    const next = { segmentId: randomUUID() };
    expect(await producer.add('newDataItem', next)).toBe(true);
    await until(() => ran.length === 2);
    expect(ran).toEqual([job.segmentId, next.segmentId]);
  });

  it('refuse a job at once while Redis is stopped, and take it when it is back', async () => {
    const ran: string[] = [];
    consume(async ({ segmentId }) => void ran.push(segmentId));
    await redis.stop();
    try {
      expect(await refusal(producer)).toBeLessThan(LIMIT_MS);
      expect(await refusal(producer)).toBeLessThan(LIMIT_MS);
    } finally {
      await redis.start();
    }
    await until(() => producer.add('newDataItem', job));
    await until(() => ran.length === 1);
  }, 20_000);

  it('refuse a job soon while Redis is there but does not answer', async () => {
    redis.freeze();
    try {
      expect(await refusal(producer)).toBeLessThan(LIMIT_MS);
    } finally {
      redis.thaw();
    }
    await until(() => producer.add('newDataItem', job));
  });

  it('work again after Redis did not answer the first time one was used', async () => {
    const fresh = new BullProducer(redis.url, logger);
    try {
      expect(await fresh.add('plan', { trigger: 'test' })).toBe(true);
      redis.freeze();
      expect(await refusal(fresh)).toBeLessThan(LIMIT_MS);
      redis.thaw();
      expect(await fresh.add('newDataItem', job)).toBe(true);
    } finally {
      redis.thaw();
      await fresh.close();
    }
  });

  it('let their consumers end in time although a job does not, and tell the job', async () => {
    const gate = Promise.withResolvers<void>();
    let told: AbortSignal | undefined;
    consume(async (_, signal) => {
      told = signal;
      await gate.promise;
    });
    await producer.add('newDataItem', job);
    await until(() => told !== undefined);
    const started = performance.now();
    await consumers.pop()!.close(200);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(told?.aborted).toBe(true);
    gate.resolve();
  });

  it('let a process of consumers end while Redis is away', async () => {
    const script = new URL('fixtures/consume.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, redis.url], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const exited = once(child, 'exit');
      await producer.add('newDataItem', job);
      expect(String((await once(child.stdout, 'data'))[0]).trim()).toBe(job.segmentId);
      await redis.stop();
      const started = performance.now();
      child.stdin.end();
      expect(await exited).toEqual([0, null]);
      expect(performance.now() - started).toBeLessThan(3000);
    } finally {
      child.kill('SIGKILL');
      await redis.start();
    }
  }, 20_000);
});
