import type { ItemStatus, Progress } from '@bundler/contract';
import { UnknownItemError } from './errors.ts';
import { progressOf, trackUpload } from './track.ts';

const ID = 'an-id';
const event = (stage: Progress['stage'], more: Partial<Progress> = {}): string =>
  `id: ${stage}\nevent: progress\ndata: ${JSON.stringify({ id: ID, stage, ...more })}\n\n`;
const status = (info: ItemStatus['info'], more: Partial<ItemStatus> = {}): ItemStatus => ({
  status: info === 'failed' ? 'FAILED' : 'CONFIRMED',
  info,
  rawContentLength: 10,
  payloadContentType: null,
  payloadDataStart: 2,
  payloadContentLength: 8,
  winc: '0',
  ...more,
});

/** A stream of these pieces; then it breaks, or ends, or stays open. */
function stream(pieces: readonly string[], end: 'ends' | 'breaks' | 'stays' = 'ends'): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      if (end === 'ends') controller.close();
    },
    pull(controller) {
      if (end === 'breaks') controller.error(new Error('reset'));
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** Follows an item at a service that answers each request for a stream and each question for a status in turn. */
async function follow(
  answers: (Response | Error)[],
  statuses: (ItemStatus | undefined)[] = [],
  more: { silenceMs?: number; signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
) {
  const asked: (string | undefined)[] = [];
  const sleeps: number[] = [];
  const told: string[] = [];
  const tracked = {
    transport: { fetch, now: () => 0, sleep: async (ms: number) => void sleeps.push(ms) },
    open: async (lastEventId: string | undefined) => {
      asked.push(lastEventId);
      const answer = answers.shift() ?? new Error('no more answers');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    status: async () => statuses.shift(),
  };
  const onProgress = (progress: Progress): void => {
    told.push(progress.stage);
    more.onProgress?.(progress);
  };
  const last = await trackUpload(ID, tracked, { ...more, onProgress });
  return { last, asked, sleeps, told };
}

describe('tracking an upload', () => {
  it('tells every event of the stream and resolves with the last', async () => {
    const pieces = [
      ': following\n\n',
      event('receiving', { receivedByteCount: 5 }),
      event('accepted'),
      event('permanent'),
    ];
    const text = pieces.join('');
    // Wherever the network cuts it.
    const { told, last } = await follow([stream([...text])]);
    expect(told).toEqual(['receiving', 'accepted', 'permanent']);
    expect(last).toEqual({ id: ID, stage: 'permanent' });
  });

  it.each(['ends', 'breaks'] as const)('goes on after the last event when the stream %s', async (end) => {
    const answers = [
      stream([event('accepted')], end),
      new Error('refused'),
      stream([event('planned'), event('permanent')]),
    ];
    const { told, asked } = await follow(answers);
    expect(asked).toEqual([undefined, 'accepted', 'accepted']);
    expect(told).toEqual(['accepted', 'planned', 'permanent']);
  });

  it('comes back as late as a stopping service asks, and slower and slower to one that is away', async () => {
    const away = Array.from({ length: 6 }, () => new Error('refused'));
    const { sleeps } = await follow([
      stream([event('accepted'), 'retry: 700\n\n']),
      ...away,
      stream([event('permanent')]),
    ]);
    expect(sleeps).toEqual([700, 700, 1400, 2800, 5600, 11_200, 15_000]);
  });

  it('takes a stream on which nothing comes for lost', async () => {
    const answers = [stream([event('accepted')], 'stays'), stream([event('permanent')])];
    expect((await follow(answers, [], { silenceMs: 50 })).told).toEqual(['accepted', 'permanent']);
  });

  it('asks for the status while it is refused a stream, as late as the service says', async () => {
    const busy = () => new Response('busy', { status: 503, headers: { 'retry-after': '5' } });
    const statuses = [undefined, status('new'), status('pending')];
    const { told, sleeps } = await follow([busy(), busy(), busy(), stream([event('permanent')])], statuses);
    expect(told).toEqual(['accepted', 'planned', 'permanent']);
    expect(sleeps).toEqual([5000, 5000, 5000]);
  });

  it('tells once what a poll and the stream that goes on say both', async () => {
    const answers = [stream([event('accepted')], 'breaks'), stream([event('planned'), event('permanent')])];
    expect((await follow(answers, [status('pending')])).told).toEqual(['accepted', 'planned', 'permanent']);
  });

  it.each([
    ['has no such route', new Response('Not found.', { status: 404 })],
    ['answers with something else', new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ])('asks for the status only, when the service %s', async (_why, answer) => {
    const { told, asked, last } = await follow(
      [answer],
      [undefined, status('new'), status('new'), status('permanent')],
    );
    expect(asked).toEqual([undefined]);
    expect(told).toEqual(['accepted', 'permanent']);
    expect(last.totalByteCount).toBe(10);
  });

  it('resolves with the failure and its reason', async () => {
    expect((await follow([stream([event('failed', { reason: 'lost' })])])).last).toMatchObject({ reason: 'lost' });
    const polled = await follow([new Response('', { status: 404 })], [status('failed', { reason: 'lost' })]);
    expect(polled.last).toMatchObject({ stage: 'failed', reason: 'lost' });
  });

  it('rejects when the service does not know the item, when the id is none, and when it is told to stop', async () => {
    await expect(follow([stream([`event: unknown\ndata: {"id":"${ID}"}\n\n`])])).rejects.toThrow(UnknownItemError);
    await expect(follow([new Response('', { status: 400 })])).rejects.toThrow('400: an-id is no id');
    const stop = new AbortController();
    const reason = new Error('enough');
    const onProgress = (): void => stop.abort(reason);
    const answers = [stream([event('accepted')], 'breaks'), stream([event('permanent')])];
    await expect(follow(answers, [], { signal: stop.signal, onProgress })).rejects.toBe(reason);
  });
});

describe('a status as progress', () => {
  it('never takes back what events have told more exactly', () => {
    expect(progressOf(ID, status('pending'), { id: ID, stage: 'seeded' })).toBeUndefined();
    expect(progressOf(ID, status('pending'), { id: ID, stage: 'accepted' })).toMatchObject({ stage: 'planned' });
    expect(progressOf(ID, status('new'), { id: ID, stage: 'planned' })).toMatchObject({ stage: 'accepted' });
  });
});
