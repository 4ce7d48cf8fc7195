import {
  connectionBudget,
  leastWorkerPool,
  memoryBudget,
  NEARLY_FULL_PERCENT,
  paymentConnectionBudget,
  queueNames,
  queues,
  readSpec,
  withValueAt,
} from '../../index.ts';

/** The least that a cluster must be told; everything else is a default. */
const minimal = {
  database: { secretRef: { name: 'database' } },
  redis: { queue: { host: 'queue' }, cache: { host: 'cache' } },
  objectStore: { s3: { bucket: 'items' } },
  arweave: { walletSecretRef: { name: 'wallet' } },
};
const withValues = (values: Record<string, unknown>): unknown =>
  Object.entries(values).reduce<unknown>((spec, [path, value]) => withValueAt(spec, path, value), minimal);
const problems = (values: Record<string, unknown>, place: 'cluster' | 'anywhere' = 'cluster'): string[] =>
  readSpec(withValues(values), place).violations.map(({ setting, message }) => `${setting} ${message}`);

/** With a payment service. */
const paid = { 'payment.enabled': true, 'payment.secretRef.name': 'payment' };

const budget = (values: Record<string, unknown> = {}) => connectionBudget(readSpec(withValues(values)).config);

it('the defaults fit together: a cluster is told where its services are, and nothing else', () => {
  expect(problems({})).toEqual([]);
});

it('a cluster has to be told where its services are; one machine brings its own', () => {
  const bucket = { objectStore: { s3: { bucket: 'items' } } };
  expect(readSpec(bucket).violations).toEqual([]);
  expect(readSpec(bucket, 'cluster').violations.map(({ setting }) => setting)).toEqual([
    'spec.database.secretRef.name',
    'spec.redis.queue.host',
    'spec.redis.cache.host',
    'spec.arweave.walletSecretRef.name',
  ]);
});

describe('the rules between fields', () => {
  it.each([
    [
      { 'workers.plan.scaling.minReplicas': 5 },
      'spec.workers.plan.scaling.minReplicas is 5, above maxReplicas (2); lower it to 2 or less',
    ],
    [
      { 'upload.autoscaling.maxReplicas': 1 },
      'spec.upload.autoscaling.minReplicas is 2, above maxReplicas (1); lower it to 1 or less',
    ],
    [
      { 'workers.redrive.concurrency': 2 },
      'spec.workers.redrive.concurrency (REDRIVE_WORKER_CONCURRENCY) is 2; redrive runs one job in one pod, so it must be 1',
    ],
    [
      { 'workers.cleanup.scaling.minReplicas': 0 },
      'spec.workers.cleanup.scaling.minReplicas is 0; cleanup runs one job in one pod, so it must be 1',
    ],
    [
      { 'workers.verify.scaling.minReplicas': 0 },
      'spec.workers.verify.scaling.minReplicas is 0, but the schedule of verify ticks in its workers; keep at least 1',
    ],
    [
      { 'board.enabled': true },
      'spec.board.enabled (BOARD_ENABLED) is true, but the admin service shows it; set admin.enabled too',
    ],
    [
      { 'image.repository': 'registry.example.com/bundler' },
      'spec.image.repository is registry.example.com/bundler without a tag or a digest; add one',
    ],
    [
      { 'upload.rawData.enabled': true },
      'spec.upload.rawData.walletSecretRef.name is empty; name the Secret with the wallet that signs unsigned uploads, or leave enabled at false',
    ],
    [{ 'rollout.minReady': '10m' }, 'spec.rollout.progressDeadline is 10m; it must be above minReady (10m)'],
    [{ 'image.tag': '1.0.0' }, 'spec.image.repository is empty, but 1.0.0 is to be found in it'],
    [
      { 'podTemplate.env': [{ name: 'LOG_LEVEL', value: 'debug' }] },
      'spec.podTemplate.env names LOG_LEVEL, which is a setting: write spec.observability.logLevel',
    ],
    [
      { 'workers.plan.concurrency': 8 },
      'spec.workers.plan.resources.limits.memory is 537 MB, but 8 jobs at once and the process itself may need 550 MB; raise it or lower the concurrency',
    ],
    [
      { 'database.pool.reapInterval': '31s' },
      'spec.database.pool.reapInterval (DB_REAP_INTERVAL) is 31000 ms; it must be at most DB_IDLE_TIMEOUT (30000)',
    ],
  ])('refuse %j with the numbers', (values, message) => {
    expect(problems(values)).toEqual([message]);
  });

  it('refuse what breaks the connection budget, and show the sum', () => {
    const values = { 'database.pool.max': 80 };
    const [message, ...others] = problems(values);
    expect(others).toEqual([]);
    const { possible, lines } = budget(values);
    const sum = lines.map(({ component, pods, pool }) => `${component} ${pods} x ${pool}`).join(', ');
    expect(sum).toMatch(/^upload 5 x 80, .*workers-new-data-item 3 x 8, .*workers-plan 3 x 8, .*migrations 1 x 2$/);
    expect(message).toBe(
      `spec.database.maxConnections leaves 490 connections (10 are reserved), but the pods could hold ${possible}: ${sum}; lower a pool or a replica count, or raise it`,
    );
  });

  it('refuse what breaks the budget of the payment database, where it is said, and show the sum', () => {
    expect(problems({ ...paid, 'payment.database.maxConnections': 61 })).toEqual([
      'spec.payment.database.maxConnections is 61, but the pods could hold 62: payment 3 x 20, migrations 1 x 2; lower the pool or the replicas, or raise it',
    ]);
    expect(problems({ ...paid, 'payment.database.maxConnections': 62 })).toEqual([]);
    expect(problems({ ...paid, 'payment.database.poolMax': 500 })).toEqual([]);
    expect(problems({ 'payment.database.maxConnections': 1 })).toEqual([]);
  });

  it.each([
    { 'workers.prepare.scaling.minReplicas': 0 },
    { 'workers.plan.concurrency': 7 },
    { 'upload.rawData.enabled': true, 'upload.rawData.walletSecretRef.name': 'raw' },
    { 'database.pool.max': 60 },
    { 'database.pool.reapInterval': '30s' },
    { 'image.repository': 'bundler', 'image.tag': '1.0.0' },
    { 'podTemplate.env': [{ name: 'NODE_OPTIONS', value: '--trace-warnings' }] },
  ])('let %j pass', (values) => {
    expect(problems(values)).toEqual([]);
  });

  it('do not bother one machine with the limits of pods', () => {
    expect(problems({ 'workers.plan.concurrency': 100, 'database.pool.max': 400 }, 'anywhere')).toEqual([]);
  });

  it('leave a value that is unusable to the message about it', () => {
    expect(problems({ 'workers.plan.scaling.maxReplicas': 0, 'workers.plan.scaling.minReplicas': 9 })).toEqual([
      'spec.workers.plan.scaling.maxReplicas must be from 1 to 500, but is 0',
    ]);
  });
});

describe('the connection budget', () => {
  it('counts the pods of each Deployment at their most, and those of a rollout', () => {
    const { possible, available, lines } = budget();
    expect(possible).toBe(lines.reduce((sum, { pods, pool }) => sum + pods * pool, 0));
    expect(available).toBe(490);
    expect(lines.find(({ component }) => component === 'upload')).toMatchObject({ pods: 5, connections: 250 });
  });

  it('is, by default, not so nearly full that the one who applies a spec is warned', () => {
    const { possible, available } = budget();
    expect((possible / available) * 100).toBeLessThanOrEqual(NEARLY_FULL_PERCENT);
  });

  it('grows with every replica, every pool and every concurrency, and never shrinks', () => {
    const more = ['upload.autoscaling.maxReplicas', 'database.pool.max', 'database.pool.min'];
    const perQueue = queueNames.flatMap((queue) => [
      `workers.${queue}.scaling.maxReplicas`,
      `workers.${queue}.concurrency`,
    ]);
    for (const path of [...more, ...perQueue]) {
      const series = [1, 2, 3, 5, 8, 13, 50].map((value) => budget({ [path]: value }).possible);
      expect({ path, series }).toEqual({ path, series: series.toSorted((a, b) => a - b) });
    }
  });

  it('counts the one Deployment of the Combined layout', () => {
    const { lines } = budget({ 'workers.layout': 'Combined', 'workers.instances': 3 });
    expect(lines.map(({ component, pods, pool }) => `${component} ${pods}x${pool}`)).toEqual([
      'upload 5x50',
      `workers 4x${leastWorkerPool(queueNames)}`,
      'admin 0x2',
      'migrations 1x2',
    ]);
  });

  it('of the payment database is apart, whose pods it counts and no other', () => {
    const ofPayment = (values: Record<string, unknown>) => paymentConnectionBudget(readSpec(withValues(values)).config);
    expect(ofPayment({})).toBeUndefined();
    expect(ofPayment(paid)).toMatchObject({ available: undefined, possible: 3 * 20 + 2 });
    const values = { 'payment.replicas': 4, 'payment.database.poolMax': 7, 'payment.database.maxConnections': 80 };
    expect(ofPayment({ ...paid, ...values })).toMatchObject({ available: 80, possible: 5 * 7 + 2 });
    expect(budget({ ...paid, ...values })).toEqual(budget());
  });

  it('counts fixed replicas where nothing scales', () => {
    const { lines } = budget({ 'workers.post.scaling.mode': 'Fixed', 'workers.post.replicas': 2 });
    expect(lines.find(({ component }) => component === 'workers-post')).toMatchObject({ pods: 3, pool: 4 });
  });
});

it('the memory budget of the Combined layout counts the jobs of all queues', () => {
  const { config } = readSpec(withValues({ 'workers.layout': 'Combined' }));
  const jobs = Object.values(queues).reduce((sum, { concurrency }) => sum + concurrency, 0);
  const forJobs = Object.values(queues).reduce((sum, queue) => sum + queue.concurrency * queue.memoryPerJob, 0);
  expect(memoryBudget(config)).toMatchObject([{ component: 'workers', jobs, needed: 150_000_000 + forJobs }]);
});
