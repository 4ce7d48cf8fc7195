import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { type BundlerClient, isReceiptSigned, type Receipt } from '@bundler/client';
import type { MultipartParts, MultipartStatus } from '@bundler/contract';
import pg from 'pg';
import { Platform, until } from '../src/index.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';
import { ageObjectFiles, objectFiles } from '../src/object-files.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** What real clients send; and what lets a test have many parts. */
const USUAL = 5 * MiB;
const SMALL = 2 * KiB;
const FREE_LIMIT = 13 * MiB;
const MAX_OPEN = 40;
const WAIT_MS = 30_000;
const LONG_AGO_MS = 3 * 86_400_000;
const signer = ed25519Signer(randomBytes(32));
const idOf = (bytes: Buffer): string => createHash('sha256').update(bytes.subarray(2, 66)).digest('base64url');
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount), tags: [] });

describe('uploads in parts', () => {
  let platform: Platform;
  let client: BundlerClient;
  let uploads: MultipartClient;
  let db: pg.Client;

  beforeAll(async () => {
    const env = {
      FREE_UPLOAD_LIMIT: String(FREE_LIMIT),
      MULTIPART_MIN_CHUNK_SIZE: String(SMALL),
      MULTIPART_MAX_CHUNK_SIZE: String(20 * MiB),
      MULTIPART_MAX_OPEN_UPLOADS: String(MAX_OPEN),
      MAX_DATA_ITEM_SIZE: String(64 * MiB),
      CLEANUP_INTERVAL_MS: '300',
    };
    platform = await Platform.start({ env });
    client = platform.client();
    uploads = new MultipartClient(platform.of('upload')[0]!.url);
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
  });

  const rows = async (id: string): Promise<number> => {
    const found = await db.query('select count(*)::int as n from data_items where id = $1', [
      Buffer.from(id, 'base64url'),
    ]);
    return found.rows[0].n;
  };
  const statusOf = async (uploadId: string): Promise<MultipartStatus> =>
    (await uploads.status(uploadId)).json() as Promise<MultipartStatus>;
  /** The status of an upload once it is neither being verified nor accepted any more. */
  async function outcome(uploadId: string): Promise<MultipartStatus> {
    await until(async () => !['VALIDATING', 'FINALIZING'].includes((await statusOf(uploadId)).status), WAIT_MS);
    return statusOf(uploadId);
  }
  const partFiles = async (): Promise<string[]> =>
    [...(await objectFiles(platform.objectsDirectory)).keys()].filter((key) => key.startsWith('parts/'));
  let before: ReadonlySet<string>;
  beforeEach(async () => {
    before = new Set(await partFiles());
  });
  /** The parts that this test has brought into the store, those of accepted items included. */
  const newParts = async (): Promise<string[]> => (await partFiles()).filter((key) => !before.has(key));
  const noNewParts = () => until(async () => (await newParts()).length === 0, WAIT_MS);
  // A day later: uploads that a test has left open count no longer.
  afterEach(() => db.query(`update multipart_uploads set expires_at = now() where state = 'assembling'`));
  async function uploadInParts(bytes: Buffer, chunkSize: number): Promise<string> {
    const uploadId = await uploads.open(chunkSize);
    await uploads.sendAll(uploadId, bytes, chunkSize);
    return uploadId;
  }
  describe('created', () => {
    it.each([
      ['4999', 200],
      [SMALL, 200],
      [20 * MiB, 200],
      [SMALL - 1, 400],
      [20 * MiB + 1, 400],
      ['many', 400],
      ['2048.5', 400],
      ['-2048', 400],
    ])('with a chunk size of %s are answered %i, and what sizes there are', async (chunkSize, status) => {
      const answer = await uploads.create(chunkSize);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json; charset=utf-8']);
      expect(await answer.json()).toEqual(
        status === 200
          ? { id: expect.stringMatching(/^[\w-]{36}$/), min: SMALL, max: 20 * MiB, chunkSize: Number(chunkSize) }
          : { error: expect.stringContaining('chunkSize'), min: SMALL, max: 20 * MiB },
      );
    });

    it('without a chunk size are told one', async () => {
      expect(await (await uploads.create()).json()).toMatchObject({ chunkSize: 20 * MiB });
    });

    it('are refused with 503 when too many are open, until one is given up', async () => {
      const open: string[] = [];
      for (;;) {
        const answer = await uploads.create(USUAL);
        if (answer.status !== 200) {
          expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
          break;
        }
        open.push(((await answer.json()) as { id: string }).id);
      }
      expect(open).toHaveLength(MAX_OPEN);
      expect((await uploads.abort(open[0]!)).status).toBe(204);
      expect((await uploads.create(USUAL)).status).toBe(200);
    });
  });

  it.each(['status', 'parts', 'finalize', 'finalizeAndWait', 'abort'] as const)(
    'that nobody knows: %s is 404',
    async (call) => {
      for (const id of ['00000000-0000-4000-8000-000000000000', 'no-uuid'])
        expect((await uploads[call](id)).status).toBe(404);
    },
  );

  it('are ASSEMBLING, then VALIDATING, then FINALIZED with a receipt; the item becomes permanent as it was signed', async () => {
    const bytes = await item(12 * MiB);
    const uploadId = await uploads.open(USUAL);
    expect(await statusOf(uploadId)).toEqual({ status: 'ASSEMBLING', timestamp: expect.any(Number) });
    // Out of order, and one of them twice.
    for (const offset of [10 * MiB, 0, 5 * MiB, 0]) {
      const answer = await uploads.send(uploadId, offset, bytes.subarray(offset, offset + USUAL));
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    }
    const finalizing = await uploads.finalize(uploadId);
    expect([finalizing.status, await finalizing.json()]).toEqual([202, { status: 'VALIDATING' }]);
    const { receipt, status } = await outcome(uploadId);
    expect(status).toBe('FINALIZED');
    expect(receipt).toMatchObject({
      id: idOf(bytes),
      winc: '0',
      version: '0.2.0',
      owner: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await isReceiptSigned(receipt as Receipt)).toBe(true);
    // The clients' own request for the status comes right after the receipt.
    expect(await client.status(receipt!.id)).toMatchObject({ rawContentLength: bytes.length });
    expect(await client.waitFor(receipt!.id, 'permanent', { intervalMs: 50, timeoutMs: WAIT_MS })).toMatchObject({
      status: 'FINALIZED',
    });
    const payload = Buffer.from(await (await client.download(receipt!.id)).arrayBuffer());
    expect(payload.equals(bytes.subarray(bytes.length - payload.length))).toBe(true);
    expect(payload.length).toBe(12 * MiB);
  }, 60_000);

  it('of one part that is shorter than any chunk may be are finalized', async () => {
    const bytes = await item(MiB);
    const uploadId = await uploads.open(USUAL);
    expect((await uploads.send(uploadId, 0, bytes)).status).toBe(200);
    const answer = await uploads.finalizeAndWait(uploadId);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: idOf(bytes) });
  });

  it('of more than 1000 parts tell all of them, and are finalized', async () => {
    const bytes = await item(1100 * SMALL);
    const uploadId = await uploads.open(SMALL);
    const offsets = Array.from({ length: Math.ceil(bytes.length / SMALL) }, (_, index) => index * SMALL);
    const waiting = [...offsets].reverse();
    const sendSome = async (): Promise<void> => {
      for (let offset = waiting.pop(); offset !== undefined; offset = waiting.pop()) {
        const answer = await uploads.send(uploadId, offset, bytes.subarray(offset, offset + SMALL));
        if (answer.status !== 200) throw new Error(`${offset}: ${answer.status}`);
        await answer.text();
      }
    };
    await Promise.all(Array.from({ length: 8 }, sendSome));
    const parts = (await (await uploads.parts(uploadId)).json()) as MultipartParts;
    expect(parts).toMatchObject({ id: uploadId, chunkSize: SMALL, size: bytes.length });
    expect(parts.chunks.map(([offset]) => offset)).toEqual(offsets);
    expect((await uploads.finalizeAndWait(uploadId)).status).toBe(200);
  }, 60_000);

  it('are resumed: they tell what is missing, and take it', async () => {
    const bytes = await item(4 * SMALL);
    const uploadId = await uploads.open(SMALL);
    for (const offset of [0, 2 * SMALL]) await uploads.send(uploadId, offset, bytes.subarray(offset, offset + SMALL));
    const early = await uploads.finalize(uploadId);
    expect([early.status, await early.text()]).toEqual([400, expect.stringContaining(`byte ${SMALL} `)]);
    const { chunks } = (await (await uploads.parts(uploadId)).json()) as MultipartParts;
    expect(chunks).toEqual([
      [0, SMALL],
      [2 * SMALL, SMALL],
    ]);
    const have = new Set(chunks.map(([offset]) => offset));
    for (let offset = 0; offset < bytes.length; offset += SMALL) {
      if (!have.has(offset)) await uploads.send(uploadId, offset, bytes.subarray(offset, offset + SMALL));
    }
    expect((await uploads.finalizeAndWait(uploadId)).status).toBe(200);
  });

  describe('by our own client', () => {
    const inSmallParts = { chunkSize: SMALL, concurrency: 2 };
    const storedParts = async (uploadId: string): Promise<string[]> => {
      const found = await db.query<{ id: string }>('select id from multipart_parts where upload_id = $1', [uploadId]);
      return found.rows.map(({ id }) => id);
    };

    it('become an item, and tell how far they are', async () => {
      const bytes = await item(10 * SMALL);
      const progress: number[] = [];
      const onProgress = (stored: number, total: number) => progress.push(stored / total);
      const receipt = await client.uploadSignedInParts(new Blob([new Uint8Array(bytes)]), {
        ...inSmallParts,
        onProgress,
      });
      expect([receipt.id, await isReceiptSigned(receipt)]).toEqual([idOf(bytes), true]);
      expect(progress).toHaveLength(11);
      expect(progress).toEqual([...progress].sort());
      expect(progress.at(-1)).toBe(1);
    });

    it('are resumed after they broke off, and send only what is missing', async () => {
      const bytes = new Blob([new Uint8Array(await item(20 * SMALL))]);
      const breaking = new AbortController();
      let uploadId = '';
      const broken = client.uploadSignedInParts(bytes, {
        ...inSmallParts,
        signal: breaking.signal,
        onStart: (id) => {
          uploadId = id;
        },
        onProgress: (stored) => stored > 5 * SMALL && breaking.abort(new Error('the train is in a tunnel')),
      });
      await expect(broken).rejects.toThrow('tunnel');
      const before = await storedParts(uploadId);
      expect(before.length).toBeGreaterThanOrEqual(5);
      expect(before.length).toBeLessThan(20);
      const progress: number[] = [];
      const options = { ...inSmallParts, resume: uploadId, onProgress: (stored: number) => progress.push(stored) };
      const receipt = await client.uploadSignedInParts(bytes, options);
      expect(await storedParts(uploadId)).toEqual(expect.arrayContaining(before));
      expect(progress[0]).toBeGreaterThanOrEqual(5 * SMALL);
      // A part that was under way when it broke off may have been stored after we looked.
      expect(progress).toHaveLength(1 + Math.ceil((bytes.size - progress[0]!) / SMALL));
      // Also when it was only the answer that was lost.
      expect(await client.uploadSignedInParts(bytes, options)).toEqual(receipt);
    });

    it('fail with what the service says', async () => {
      const bytes = await item(3 * SMALL);
      bytes[bytes.length - 1]! ^= 1;
      const invalid = client.uploadSignedInParts(new Blob([new Uint8Array(bytes)]), inSmallParts);
      await expect(invalid).rejects.toMatchObject({ status: 400, text: 'INVALID' });
      const rich = new Blob([new Uint8Array(await item(FREE_LIMIT))]);
      const unpaid = client.uploadSignedInParts(rich, { chunkSize: USUAL });
      await expect(unpaid).rejects.toMatchObject({ status: 402 });
      const unknown = client.uploadSignedInParts(rich, { resume: randomUUID() });
      await expect(unknown).rejects.toMatchObject({ status: 404 });
    });
  });

  it('without a part are not finalized', async () => {
    const uploadId = await uploads.open(SMALL);
    expect((await uploads.finalize(uploadId)).status).toBe(400);
    expect((await statusOf(uploadId)).status).toBe('ASSEMBLING');
  });

  describe('parts', () => {
    it.each([
      ['at an offset that is no multiple of the chunk size', 1, SMALL, 400],
      ['beyond the largest item', 64 * MiB, SMALL, 413],
      ['longer than a chunk may be', 0, 21 * MiB, 400],
      ['of nothing', 0, 0, 400],
    ])('%s are refused, and nothing of them is kept', async (_, offset, byteCount, status) => {
      const uploadId = await uploads.open(SMALL);
      expect((await uploads.send(uploadId, offset, Buffer.alloc(byteCount))).status).toBe(status);
      expect(await newParts()).toEqual([]);
    });

    it('of unknown length are refused', async () => {
      const answer = await fetch(`${platform.of('upload')[0]!.url}/v1/chunks/arweave/${await uploads.open(SMALL)}/0`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: new Blob([new Uint8Array(SMALL)]).stream(),
        duplex: 'half',
      } as RequestInit);
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Content-Length')]);
    });

    it('that lie about a length of 2^63 or more cost no memory and are refused', async () => {
      const { hostname, port } = new URL(platform.of('upload')[0]!.url);
      const uploadId = await uploads.open(SMALL);
      for (const length of ['9223372036854775808', '99999999999999999999999']) {
        const socket = connect(Number(port), hostname);
        socket.write(
          `POST /v1/chunks/arweave/${uploadId}/0 HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n`,
        );
        const answer = await new Promise<string>((resolve) =>
          socket.once('data', (bytes: Buffer) => resolve(String(bytes))),
        );
        socket.destroy();
        expect(answer).toMatch(/^HTTP\/1.1 400 /);
      }
    });

    it('that break off leave nothing behind, and can be sent again', async () => {
      const bytes = await item(MiB);
      const uploadId = await uploads.open(USUAL);
      const { hostname, port } = new URL(platform.of('upload')[0]!.url);
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /v1/chunks/arweave/${uploadId}/0 HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes.length}\r\n\r\n`,
      );
      await new Promise((sent) => socket.write(bytes.subarray(0, bytes.length - 10), sent));
      await until(async () => (await newParts()).length === 1);
      socket.destroy();
      await noNewParts();
      expect(((await (await uploads.parts(uploadId)).json()) as MultipartParts).chunks).toEqual([]);
      expect((await uploads.send(uploadId, 0, bytes)).status).toBe(200);
      expect((await uploads.finalizeAndWait(uploadId)).status).toBe(200);
    });

    it('sent again take the place of the earlier ones, whose bytes are freed', async () => {
      const bytes = await item(2 * SMALL);
      const uploadId = await uploads.open(SMALL);
      await uploads.send(uploadId, 0, randomBytes(SMALL));
      await uploads.sendAll(uploadId, bytes, SMALL);
      expect(await newParts()).toHaveLength(3);
      expect(await (await uploads.finalizeAndWait(uploadId)).json()).toMatchObject({ id: idOf(bytes) });
    });

    it('come too late once the finalization was asked for, and change nothing', async () => {
      const bytes = await item(SMALL / 2);
      const uploadId = await uploadInParts(bytes, SMALL);
      await uploads.finalize(uploadId);
      expect((await uploads.send(uploadId, 0, randomBytes(bytes.length))).status).toBe(400);
      expect(await outcome(uploadId)).toMatchObject({ status: 'FINALIZED', receipt: { id: idOf(bytes) } });
      expect((await uploads.send(uploadId, 0, randomBytes(bytes.length))).status).toBe(400);
    });

    it('longer than the chunk size that was asked for raise it', async () => {
      const bytes = await item(2 * MiB);
      const uploadId = await uploadInParts(bytes, MiB);
      const raised = await uploads.open(SMALL);
      await uploads.sendAll(raised, bytes, MiB);
      expect(await (await uploads.parts(raised)).json()).toMatchObject({ chunkSize: MiB });
      expect(await (await uploads.finalizeAndWait(raised)).json()).toEqual(
        await (await uploads.finalizeAndWait(uploadId)).json(),
      );
    });
  });

  it('finalized 20 times at once, in both ways, make one item with one receipt', async () => {
    const bytes = await item(3 * MiB);
    const uploadId = await uploadInParts(bytes, MiB);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? uploads.finalize(uploadId) : uploads.finalizeAndWait(uploadId),
      ),
    );
    expect(answers.filter(({ status }) => status !== 200 && status !== 202)).toEqual([]);
    const receipts = await Promise.all(answers.filter(({ status }) => status === 200).map((answer) => answer.text()));
    expect(receipts.length).toBeGreaterThanOrEqual(10);
    expect(new Set(receipts).size).toBe(1);
    expect(await rows(idOf(bytes))).toBe(1);
    const again = await uploads.finalize(uploadId);
    expect([again.status, await again.text()]).toEqual([200, receipts[0]]);
  });

  it('of an item that is known already are answered with its receipt, and their bytes are freed', async () => {
    const bytes = await item(3 * SMALL);
    const first = await client.uploadSigned(bytes);
    const uploadId = await uploadInParts(bytes, SMALL);
    expect(await (await uploads.finalizeAndWait(uploadId)).json()).toEqual(first);
    await noNewParts();
    expect(await rows(idOf(bytes))).toBe(1);
  });

  it('whose signature does not fit are INVALID, and their bytes are freed', async () => {
    const bytes = await item(3 * SMALL);
    bytes[bytes.length - 1]! ^= 1;
    const uploadId = await uploadInParts(bytes, SMALL);
    expect((await uploads.finalize(uploadId)).status).toBe(202);
    expect(await outcome(uploadId)).toEqual({ status: 'INVALID', timestamp: expect.any(Number) });
    const again = await uploads.finalizeAndWait(uploadId);
    expect([again.status, await again.text()]).toEqual([400, expect.stringContaining('Invalid Data Item')]);
    expect(await (await uploads.parts(uploadId)).json()).toMatchObject({ failedReason: 'INVALID' });
    await noNewParts();
    expect(await rows(idOf(bytes))).toBe(0);
  });

  it('of bytes that are no data item are INVALID', async () => {
    const uploadId = await uploadInParts(randomBytes(3 * SMALL), SMALL);
    expect((await uploads.finalizeAndWait(uploadId)).status).toBe(400);
  });

  it('that nobody pays for are UNDERFUNDED, answered with 402, and their bytes are freed', async () => {
    const bytes = await item(FREE_LIMIT);
    const uploadId = await uploadInParts(bytes, USUAL);
    const answer = await uploads.finalizeAndWait(uploadId);
    expect([answer.status, await answer.text()]).toEqual([402, 'Insufficient balance']);
    expect(await statusOf(uploadId)).toMatchObject({ status: 'UNDERFUNDED' });
    expect((await uploads.finalize(uploadId)).status).toBe(402);
    await noNewParts();
    expect(await rows(idOf(bytes))).toBe(0);
  });

  it('given up are gone at once, and their bytes soon', async () => {
    const uploadId = await uploadInParts(await item(3 * SMALL), SMALL);
    expect((await uploads.abort(uploadId)).status).toBe(204);
    expect((await uploads.status(uploadId)).status).toBe(404);
    expect((await uploads.send(uploadId, 0, randomBytes(SMALL))).status).toBe(404);
    await noNewParts();
  });

  it('finalized can no longer be given up', async () => {
    const uploadId = await uploadInParts(await item(10), SMALL);
    await uploads.finalizeAndWait(uploadId);
    expect((await uploads.abort(uploadId)).status).toBe(400);
  });

  it('abandoned expire: they are unknown then, their bytes are freed, and their rows are gone', async () => {
    const uploadId = await uploadInParts(await item(3 * SMALL), SMALL);
    await db.query(`update multipart_uploads set expires_at = now() where id = $1`, [uploadId]);
    expect((await uploads.status(uploadId)).status).toBe(404);
    await noNewParts();
    await until(async () => {
      const left = await db.query(
        'select from multipart_uploads u full join multipart_parts p on p.upload_id = u.id where u.id = $1 or p.upload_id = $1',
        [uploadId],
      );
      return left.rows.length === 0;
    }, WAIT_MS);
  });

  it('keep their parts until their item is permanent for long; an object that no row names is not kept', async () => {
    const bytes = await item(3 * SMALL);
    const uploadId = await uploadInParts(bytes, SMALL);
    await uploads.finalizeAndWait(uploadId);
    await client.waitFor(idOf(bytes), 'permanent', { intervalMs: 50, timeoutMs: WAIT_MS });
    const own = await newParts();
    expect(own).toHaveLength(4);

    const orphan = `parts/${own[0]!.slice(6, 8)}/${randomUUID()}`;
    await writeFile(join(platform.objectsDirectory, orphan), 'of a process that was killed');
    await ageObjectFiles(platform.objectsDirectory, LONG_AGO_MS);
    await until(async () => !(await partFiles()).includes(orphan), WAIT_MS);
    expect(await newParts()).toEqual(own);

    await db.query(`update bundles set moved_at = now() - interval '3 days' where state = 'permanent'`);
    await noNewParts();
    // Its receipt can be read for as long as the upload is known.
    expect(await statusOf(uploadId)).toMatchObject({ status: 'FINALIZED', receipt: { id: idOf(bytes) } });
  }, 60_000);
});
