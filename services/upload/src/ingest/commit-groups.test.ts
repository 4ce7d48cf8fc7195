import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger, createMetrics, type SpanOptions, type TraceParent, type Tracing } from '@bundler/runtime';
import { CommitGroups, type NewItem } from './commit-groups.ts';

const nothing = async (): Promise<void> => undefined;
const known = (id: number): NewItem => ({
  id: Buffer.alloc(32, id),
  ownerAddress: '',
  receivedAt: 0,
  deadlineHeight: 0,
  winc: '0',
  receiptKey: '',
  byteCount: 10,
  payloadStart: 0,
  contentType: null,
  signatureType: 1,
  featureType: 'default',
  carriesBundle: false,
});

const idsOf = (items: readonly NewItem[]): Set<string> => new Set(items.map(({ id }) => id.toString('base64url')));

const parts = {
  store: { put: nothing } as never,
  items: { insertGroup: async (_: unknown, items: readonly NewItem[]) => idsOf(items) } as never,
  jobs: { add: async () => true },
  payment: {} as never,
  settlements: {} as never,
  maxItems: 500,
  maxBytes: 1e9,
  bridges: [],
  intervalMs: () => 0,
  logger: createLogger('test', 'error'),
  metrics: createMetrics(),
};

/** Commits one group of uploads, each within a span of its own, and tells the spans that the group made. */
async function spansOfGroup(uploads: readonly (TraceParent | undefined)[]) {
  const made: { name: string; options: SpanOptions }[] = [];
  let current: TraceParent | undefined;
  const tracing = {
    traceParent: () => current,
    span: (name: string, options: SpanOptions, work: () => Promise<unknown>) => {
      made.push({ name, options });
      return work();
    },
    outside: (work: () => Promise<unknown>) => work(),
  } as unknown as Tracing;
  const groups = new CommitGroups({
    ...parts,
    concurrency: 1,
    signingWaitMs: () => 0,
    inProgress: () => uploads.length,
    tracing,
  });
  // While it is committed, all others come together.
  const first = groups.add(known(255), []);
  const outcomes = uploads.map((trace, index) => {
    current = trace;
    return groups.add(known(index), []);
  });
  await Promise.all([first, ...outcomes]);
  return made.filter(
    ({ name, options }) => name === 'commit group' && options.attributes?.['upload.group_items'] !== 1,
  );
}

/** Commits uploads that come one turn after the other while more are on their way. @returns how many were committed together */
async function sizesOfGroups(count: number, signingWaitMs: number): Promise<number[]> {
  const sizes: number[] = [];
  const groups = new CommitGroups({
    ...parts,
    items: {
      insertGroup: async (_: unknown, items: readonly NewItem[]) => {
        sizes.push(items.length);
        return idsOf(items);
      },
    } as never,
    concurrency: count,
    signingWaitMs: () => signingWaitMs,
    inProgress: () => 1000,
  });
  const outcomes: Promise<unknown>[] = [];
  for (let index = 0; index < count; index += 1) {
    outcomes.push(groups.add(known(index), []));
    await nextTurn();
    await nextTurn();
  }
  await Promise.all(outcomes);
  return sizes;
}

describe('a group of uploads', () => {
  it('grows while receipts wait to be signed, and not where they do not', async () => {
    expect(await sizesOfGroups(6, 100)).toEqual([1, 5]);
    expect(await sizesOfGroups(6, 0)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('shows in the trace of its first upload that is sampled, and links to the others that are', async () => {
    const [span] = await spansOfGroup([undefined, 'first', undefined, 'second', 'third']);
    expect(span!.options).toMatchObject({ parent: 'first', links: ['second', 'third'] });
  });

  it('links to no more than can be read', async () => {
    const [span] = await spansOfGroup(Array.from({ length: 100 }, (_, index) => `upload ${index}`));
    expect([span!.options.parent, span!.options.links!.length]).toEqual(['upload 0', 32]);
  });

  it('is part of no trace where no upload is sampled', async () => {
    expect(await spansOfGroup([undefined, undefined])).toEqual([]);
  });
});
