import type { Metrics } from '@bundler/runtime';
import type { ObjectStore, ObjectWriter } from './port.ts';

type StoreMetrics = Pick<Metrics, 'objectStoreOperations'>;
type Operation = 'put' | 'write' | 'read' | 'delete';

/** Made once: whoever measures every piece should leave no garbage behind. */
const labels = {
  put: { ok: { op: 'put', outcome: 'ok' }, error: { op: 'put', outcome: 'error' } },
  write: { ok: { op: 'write', outcome: 'ok' }, error: { op: 'write', outcome: 'error' } },
  read: { ok: { op: 'read', outcome: 'ok' }, error: { op: 'read', outcome: 'error' } },
  delete: { ok: { op: 'delete', outcome: 'ok' }, error: { op: 'delete', outcome: 'error' } },
} as const;

/**
 * The same store, measured. A `write` is an object that came piece by piece, until it was durable: only the time that the store took is
 * counted, not that of whoever brought the pieces.
 */
export function measuredStore(store: ObjectStore, { objectStoreOperations: histogram }: StoreMetrics): ObjectStore {
  const observe = (op: Operation, outcome: 'ok' | 'error', milliseconds: number): void =>
    histogram.observe(labels[op][outcome], milliseconds / 1000);

  async function measured<Result>(op: Operation, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    let outcome: 'ok' | 'error' = 'error';
    try {
      const result = await work();
      outcome = 'ok';
      return result;
    } finally {
      observe(op, outcome, performance.now() - startedAt);
    }
  }

  /** What comes after the first bytes depends on their reader. */
  async function* firstMeasured(pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    const iterator = pieces[Symbol.asyncIterator]();
    try {
      let next = await measured('read', () => iterator.next());
      while (!next.done) {
        yield next.value;
        next = await iterator.next();
      }
    } finally {
      await iterator.return?.();
    }
  }

  function measuredWriter(writer: ObjectWriter): ObjectWriter {
    let spent = 0;
    const timed = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      const startedAt = performance.now();
      try {
        const result = await work();
        spent += performance.now() - startedAt;
        return result;
      } catch (error) {
        observe('write', 'error', spent + performance.now() - startedAt);
        throw error;
      }
    };
    return {
      write: (piece) => timed(() => writer.write(piece)),
      commit: async () => {
        await timed(() => writer.commit());
        observe('write', 'ok', spent);
      },
      abort: () => writer.abort(),
    };
  }

  return {
    put: (key, pieces) => measured('put', () => store.put(key, pieces)),
    createWriter: async (key) => measuredWriter(await store.createWriter(key)),
    read: (key, start, end) => firstMeasured(store.read(key, start, end)),
    readTransient: (key, start, end) => firstMeasured(store.readTransient(key, start, end)),
    delete: (key) => measured('delete', () => store.delete(key)),
    list: (prefix) => store.list(prefix),
    sweepAbandoned: (olderThanMs) => store.sweepAbandoned(olderThanMs),
    check: () => store.check(),
    close: () => store.close(),
  };
}
