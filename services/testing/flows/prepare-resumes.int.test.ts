import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { BundlerClient } from '@bundler/client';
import pg from 'pg';
import { Platform, until } from '../src/index.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
/** Bytes after which a worker remembers what it has hashed. */
const STRIDE_BYTES = 16 * MiB;
const STRIDE_CHUNKS = 64;
/** The lock of a killed worker's job runs out after 15 s and is looked for every 7.5 s. */
const IN_TIME_MS = 60_000;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a worker that is killed while it hashes a bundle', () => {
  let platform: Platform;
  let client: BundlerClient;
  let db: pg.Client;

  beforeAll(async () => {
    const env = { FREE_UPLOAD_LIMIT: String(64 * MiB), MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT: String(128 * MiB) };
    platform = await Platform.start({ env, workers: 0 });
    client = platform.client();
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
  });

  /** Who opens a pipe that nobody writes to waits for ever. */
  async function block(key: string): Promise<() => Promise<void>> {
    const file = join(platform.objectsDirectory, key);
    const aside = `${file}.aside`;
    await rename(file, aside);
    await promisify(execFile)('mkfifo', [file]);
    return async () => {
      await rm(file);
      await rename(aside, file);
    };
  }

  async function upload(byteCount: number): Promise<{ id: string; content: string; objectKey: string }> {
    const data = randomBytes(byteCount);
    const known = await objectFiles(platform.objectsDirectory);
    const item = await createDataItem({ signer: ed25519Signer(randomBytes(32)), data });
    const { id } = await client.uploadSigned(item);
    const keys = [...(await objectFiles(platform.objectsDirectory)).keys()].filter((key) => !known.has(key));
    expect(keys).toHaveLength(1);
    return { id, content: sha256(data), objectKey: keys[0]! };
  }

  async function bundle(): Promise<{ state: string; chunks: number | null } | undefined> {
    const { rows } = await db.query<{ state: string; chunks: number | null }>(
      'select state, octet_length(chunk_hashes) / 32 as chunks from bundles',
    );
    expect(rows.length).toBeLessThan(2);
    return rows[0];
  }

  it('has left what it was done with, and the next one does not read that again', async () => {
    // Larger than a stride, so that the first stride lies in the first object alone.
    const first = await upload(STRIDE_BYTES + MiB);
    const second = await upload(8 * MiB);
    const unblockSecond = await block(second.objectKey);
    const killed = await platform.startProcess('workers');
    await until(async () => (await bundle())?.chunks === STRIDE_CHUNKS, IN_TIME_MS);
    await killed.kill9();
    expect(await bundle()).toEqual({ state: 'planned', chunks: STRIDE_CHUNKS });

    // Whoever reads these bytes now signs a wrong root, and the network refuses the chunks.
    const unhollowFirst = await hollow(join(platform.objectsDirectory, first.objectKey), STRIDE_BYTES - MiB);
    await unblockSecond();
    await platform.startProcess('workers', { POST_WORKER_PAUSED: 'true' });
    await until(async () => (await bundle())?.state === 'prepared', IN_TIME_MS);

    await unhollowFirst();
    await platform.startProcess('workers');
    for (const { id, content } of [first, second]) {
      await client.waitFor(id, 'permanent', { intervalMs: 50, timeoutMs: IN_TIME_MS });
      expect(sha256(new Uint8Array(await (await client.download(id)).arrayBuffer()))).toBe(content);
    }
  }, 150_000);
});

/** Overwrites the first bytes of a file with zeros. @returns what puts them back */
async function hollow(file: string, byteCount: number): Promise<() => Promise<void>> {
  const write = async (bytes: Buffer): Promise<void> => {
    const handle = await open(file, 'r+');
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.close();
  };
  const handle = await open(file, 'r');
  const kept = Buffer.alloc(byteCount);
  await handle.read(kept, 0, kept.length, 0);
  await handle.close();
  await write(Buffer.alloc(kept.length));
  return () => write(kept);
}
