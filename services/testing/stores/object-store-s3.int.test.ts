import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { ObjectNotFound, S3ObjectStore } from '@bundler/adapters';
import { objectStoreConformance } from '@bundler/adapters/object-store/conformance';
import { describeUnless, findS3, type S3Server } from '../src/index.ts';

const MiB = 1024 * 1024;
const s3 = await findS3(process.env, console.error);

describeUnless(s3.missing, 'S3 object store', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await s3.open();
  }, 30_000);
  afterAll(() => server?.close());

  objectStoreConformance(async () => new S3ObjectStore(server.options));

  it('lists more objects than one answer of the server holds', async () => {
    const store = new S3ObjectStore(server.options);
    const expected = Array.from({ length: 1001 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    const left = [...expected];
    const put = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) await store.put(key, [Buffer.from(key)]);
    };
    await Promise.all(Array.from({ length: 16 }, put));
    const found: string[] = [];
    for await (const { key } of store.list('many/')) found.push(key);
    expect(found.sort()).toEqual(expected);
    await store.close();
  }, 30_000);

  it('does not take a missing bucket for a missing object, and names it when it is checked', async () => {
    const store = new S3ObjectStore({ ...server.options, bucket: `none-${randomUUID()}` });
    const reading = store.read('segments/any', 0, 10)[Symbol.asyncIterator]().next();
    const refused = await reading.catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'NoSuchBucket' });
    expect(refused).not.toBeInstanceOf(ObjectNotFound);
    await expect(store.check()).rejects.toThrow(/^bucket none-.+ cannot be used: HTTP 404$/);
    await store.close();
  });

  it('streams 200 MiB in parts of 16 MiB while its process grows by less than 80 MiB', async () => {
    const script = new URL('fixtures/stream-object.ts', import.meta.url).pathname;
    const options = JSON.stringify({ ...server.options, partSize: 16 * MiB });
    const { stdout } = await promisify(execFile)(process.execPath, [script, options, String(200 * MiB)]);
    // At least the part that was filled, or nothing was measured.
    expect(Number(stdout)).toBeGreaterThan(16 * MiB);
    expect(Number(stdout)).toBeLessThan(80 * MiB);
  }, 60_000);
});
