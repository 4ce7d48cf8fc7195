import type { QueueOverview } from '@bundler/adapters';
import type { Findings } from './look.ts';
import { duration, PAGE_HEADERS, statusPage } from './page.ts';
import { summarize } from './summary.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const queue = (facts: Partial<QueueOverview> = {}): QueueOverview => ({
  queue: 'plan',
  waiting: 0,
  active: 0,
  delayed: 0,
  failed: 0,
  workers: 1,
  oldestAt: undefined,
  ...facts,
});
const well: Findings = {
  parts: { database: 'up', objectStore: 'up', cache: 'up', gateway: 'up', payment: 'off' },
  queues: [queue()],
  pipeline: { oldestWaitingAt: null, newestBundle: undefined },
};
const summary = (findings: Partial<Findings> = {}) => summarize({ ...well, ...findings }, '1.0', NOW);

describe('what the platform says of itself', () => {
  it('is well without a payment service and without anything to do', () => {
    expect(summary()).toMatchObject({ status: 'ok', version: '1.0', oldestItemAge: null, lastBundle: null });
  });

  it.each(['database', 'objectStore'] as const)('is down without %s: nothing can be accepted', (part) => {
    expect(summary({ parts: { ...well.parts, [part]: 'down' } }).status).toBe('down');
  });

  it.each(['cache', 'gateway', 'payment'] as const)('is degraded without %s', (part) => {
    expect(summary({ parts: { ...well.parts, [part]: 'down' } }).status).toBe('degraded');
  });

  it('knows nothing of workers while the queues do not answer, or a server tells of no connections', () => {
    const silent = summary({ queues: undefined });
    expect(silent).toMatchObject({ status: 'degraded', queues: null, parts: { queues: 'down', workers: 'unknown' } });
    const managed = summary({ queues: [queue({ workers: undefined })] });
    expect(managed.parts).toMatchObject({ queues: 'up', workers: 'unknown' });
  });

  it('tells workers that are gone from queues that have none while they are empty', () => {
    expect(summary({ queues: [queue({ workers: 0 }), queue()] }).parts.workers).toBe('up');
    expect(summary({ queues: [queue({ workers: 0 })] })).toMatchObject({
      status: 'degraded',
      parts: { workers: 'down' },
    });
  });

  it('counts ages from the clock it is given, and never below nothing', () => {
    const { queues, oldestItemAge } = summary({
      queues: [queue({ oldestAt: NOW - 61_000 }), queue({ oldestAt: NOW + 500 })],
      pipeline: { oldestWaitingAt: NOW - 7000, newestBundle: undefined },
    });
    expect(queues?.map(({ oldestJobAge }) => oldestJobAge)).toEqual([61, 0]);
    expect(oldestItemAge).toBe(7);
  });
});

describe('the status page', () => {
  it('shows the whole of it, also when the database cannot say', () => {
    const bundle = {
      state: 'posted',
      txId: Buffer.alloc(32, 1),
      itemCount: 7,
      byteCount: 900,
      createdAt: NOW - 5000,
    } as const;
    const page = statusPage(summary({ pipeline: { oldestWaitingAt: null, newestBundle: bundle } }));
    expect(page).toContain('posted, 7 items, 900 bytes, packed 5 s ago');
    expect(page).toContain(Buffer.alloc(32, 1).toString('base64url'));
    const blind = statusPage(summary({ parts: { ...well.parts, database: 'down' }, pipeline: undefined }));
    expect(blind).toContain('Uploads are not accepted');
    expect(blind.match(/unknown<\/dd>/g)).toHaveLength(2);
  });

  it('lets nothing in that is not its own text', () => {
    const page = statusPage(summarize({ ...well, queues: [queue({ queue: '<img src=x>' })] }, '"&', NOW));
    expect(page).not.toContain('<img');
    expect(page).toContain('&#60;img src=x&#62;');
    expect(PAGE_HEADERS['content-security-policy']).not.toContain('unsafe');
  });

  it('says lengths of time as people do', () => {
    expect([0, 119, 120, 7200, 172_800].map(duration)).toEqual(['0 s', '119 s', '2 min', '2 h', '2 d']);
  });
});
