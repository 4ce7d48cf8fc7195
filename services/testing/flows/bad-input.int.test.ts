import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { closeSignatureThread, createDataItem, ed25519Signer } from '@bundler/ans104';
import { growPool, namedItems, type Seedling, sampleBadItems } from '@bundler/ans104/fuzz';
import pg from 'pg';
import { Platform, until } from '../src/index.ts';
import { objectFiles } from '../src/object-files.ts';
import { type RawRequest, sendRaw } from '../src/raw-http.ts';

const MiB = 1024 * 1024;
const FREE_LIMIT = 64 * MiB;
const FUZZED = 3000;
const AT_ONCE = 8;
/** A reader that believed one lie would hold far more; this much is the collector's business. */
const RSS_GROWTH = 192 * MiB;
const TIME_LIMIT_MS = 120_000;
const signer = ed25519Signer(randomBytes(32));
const octets = 'POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n';

describe('an upload API that is given nothing but bad input', () => {
  let platform: Platform;
  let url: string;
  let pool: Seedling[];
  let db: pg.Client;
  let pid: number;

  beforeAll(async () => {
    platform = await Platform.start({ workers: 0, env: { FREE_UPLOAD_LIMIT: String(FREE_LIMIT) } });
    ({ url, pid } = platform.of('upload')[0]!);
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
    pool = await growPool();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
    await closeSignatureThread();
  });

  const post = (body: Uint8Array | ReadableStream): Promise<Response> =>
    fetch(`${url}/v1/tx`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/octet-stream' },
      duplex: 'half',
    } as RequestInit);
  const kept = async (): Promise<object> => {
    const { rows } = await db.query('select count(*)::int as rows from data_items');
    const files = await objectFiles(platform.objectsDirectory);
    return { rows: rows[0].rows, files: [...files.keys()].sort() };
  };

  /** Posts all, a few at a time; the names of those that were not answered with a 4xx and a reason. */
  async function postAll(items: readonly { name: string; bytes: Buffer }[]): Promise<string[]> {
    const wrong: string[] = [];
    const queue = items.values();
    const client = async (): Promise<void> => {
      for (const { name, bytes } of queue) {
        const answer = await post(new Uint8Array(bytes));
        const text = await answer.text();
        if (answer.status < 400 || answer.status > 499 || text === '') wrong.push(`${name}: ${answer.status} ${text}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    return wrong;
  }

  async function expectNothingKept(work: () => Promise<void>): Promise<void> {
    const [before, rss] = [await kept(), await rssOf(pid)];
    await work();
    const after = await rssOf(pid);
    await until(async () => JSON.stringify(await kept()) === JSON.stringify(before));
    expect(after - rss).toBeLessThan(RSS_GROWTH);
    expect(platform.endedByThemselves).toEqual([]);
    expect(platform.of('upload')[0]!.pid).toBe(pid);
    const good = await createDataItem({ signer, data: randomBytes(100) });
    expect((await post(good)).status).toBe(200);
  }

  it(
    'refuses each of the named bad items with a reason, and keeps nothing',
    async () => {
      await expectNothingKept(async () => {
        const items = namedItems(pool);
        expect(items.length).toBeGreaterThan(400);
        expect(await postAll(items)).toEqual([]);
      });
    },
    TIME_LIMIT_MS,
  );

  it(
    'refuses thousands of items that were tampered with, and keeps nothing',
    async () => {
      const items = await sampleBadItems(pool, FUZZED);
      expect(items.length).toBeGreaterThan(FUZZED / 2);
      await expectNothingKept(async () => {
        expect(await postAll(items)).toEqual([]);
      });
    },
    TIME_LIMIT_MS,
  );

  it(
    'refuses large items of which much is written before they turn out bad, and keeps nothing',
    async () => {
      const good = await createDataItem({ signer, data: randomBytes(8 * MiB) });
      const turned = Buffer.from(good);
      turned[good.length - 1]! ^= 1;
      const large = pool
        .filter(({ parts }) => parts.targetFlag === 1)
        .map(({ name, parts }) => {
          const rest = [parts.signature, parts.owner, Buffer.from([0, 0]), Buffer.alloc(16), Buffer.alloc(6 * MiB, 1)];
          const type = Buffer.from([parts.type, 0]);
          return { name: `${name}, another's signature`, bytes: Buffer.concat([type, ...rest]) };
        });
      const more = { name: 'more after its end', bytes: Buffer.concat([good, Buffer.alloc(1)]) };
      await expectNothingKept(async () => {
        expect(await postAll([{ name: 'its last bit turned', bytes: turned }, more, ...large])).toEqual([]);
        // The same without a length that tells beforehand how much will come.
        const answer = await post(new Blob([new Uint8Array(turned)]).stream());
        expect(answer.status).toBe(400);
      });
    },
    TIME_LIMIT_MS,
  );

  const hostile: [string, RawRequest][] = [
    ['a body shorter than announced', { bytes: `${octets}Content-Length: 500\r\n\r\nshort`, after: 'end' }],
    ['a body longer than announced', { bytes: `${octets}Content-Length: 2\r\n\r\n${'long'.repeat(99)}`, after: 'end' }],
    ['a large body that breaks off', { bytes: largeStart(), after: 'vanish' }],
    ['a large body that ends early', { bytes: largeStart(), after: 'end' }],
    ['a negative length', { bytes: `${octets}Content-Length: -1\r\n\r\n`, after: 'wait' }],
    ['a length in hex', { bytes: `${octets}Content-Length: 0x10\r\n\r\n`, after: 'wait' }],
    ['a length of 2^64', { bytes: `${octets}Content-Length: 18446744073709551616\r\n\r\n`, after: 'wait' }],
    ['a length of 2^63', { bytes: `${octets}Content-Length: 9223372036854775808\r\n\r\nx`, after: 'end' }],
    ['two lengths', { bytes: `${octets}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, after: 'wait' }],
    [
      'a length and chunks',
      { bytes: `${octets}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, after: 'wait' },
    ],
    ['a chunk without a size', { bytes: `${octets}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n`, after: 'wait' }],
    [
      'a chunk of 2^64 bytes',
      { bytes: `${octets}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx`, after: 'wait' },
    ],
    [
      'a chunk longer than its size',
      { bytes: `${octets}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n`, after: 'wait' },
    ],
    ['chunks that do not end', { bytes: `${octets}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, after: 'end' }],
    ['no chunks at all', { bytes: `${octets}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, after: 'end' }],
    ['an unknown transfer encoding', { bytes: `${octets}Transfer-Encoding: gzip\r\n\r\nhello`, after: 'end' }],
    ['an empty body', { bytes: `${octets}Content-Length: 0\r\n\r\n`, after: 'end' }],
    ['no body', { bytes: `${octets}\r\n`, after: 'end' }],
    [
      'garbage behind a request',
      { bytes: `${octets}Content-Length: 2\r\n\r\n\x01\x00\x00\xff\xfe garbage\r\n\r\n`, after: 'wait' },
    ],
    ['garbage', { bytes: Buffer.alloc(100_000, 0xee), after: 'wait' }],
    ['HTTP/2', { bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', after: 'wait' }],
    ['TLS', { bytes: Buffer.from('16030100a5010000a10303', 'hex'), after: 'wait' }],
    ['very many headers', { bytes: `${octets}${'a: b\r\n'.repeat(2500)}\r\n`, after: 'end' }],
    ['a very long header', { bytes: `${octets}a: ${'b'.repeat(100_000)}\r\n\r\n`, after: 'wait' }],
    ['a header with a zero byte', { bytes: `${octets}a: b\0c\r\n\r\n`, after: 'wait' }],
    [
      'a path that cannot be decoded',
      { bytes: 'POST /v1/tx/%ff%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', after: 'end' },
    ],
    [
      'a very long path',
      { bytes: `POST /v1/tx/${'a'.repeat(12_000)} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`, after: 'end' },
    ],
    [
      'a token of many bytes',
      {
        bytes: `POST /v1/tx/${'%F0%9F%98%80'.repeat(9)} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
        after: 'end',
      },
    ],
    ['no content type', { bytes: 'POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello', after: 'end' }],
    [
      'a content type that is none',
      { bytes: 'POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Type: ;;/\r\nContent-Length: 5\r\n\r\nhello', after: 'end' },
    ],
    [
      'JSON that is none',
      {
        bytes: 'POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"a":',
        after: 'end',
      },
    ],
    ['an expectation', { bytes: `${octets}Expect: the-worst\r\nContent-Length: 0\r\n\r\n`, after: 'end' }],
    [
      'another protocol to change to',
      { bytes: `${octets}Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n`, after: 'end' },
    ],
    ['a tunnel', { bytes: 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n', after: 'wait' }],
    ['a method that nobody knows', { bytes: 'BREW /v1/tx HTTP/1.1\r\nHost: x\r\n\r\n', after: 'wait' }],
    ['a method that does not fit', { bytes: 'DELETE /v1/tx HTTP/1.1\r\nHost: x\r\n\r\n', after: 'end' }],
    ['an id that is none', { bytes: 'GET /v1/tx/%00/status HTTP/1.1\r\nHost: x\r\n\r\n', after: 'end' }],
  ];

  function largeStart(): Buffer {
    const head = Buffer.concat([Buffer.from([2, 0]), Buffer.alloc(64 + 32, 1), Buffer.alloc(18)]);
    return Buffer.concat([Buffer.from(`${octets}Content-Length: ${6 * MiB}\r\n\r\n`), head, Buffer.alloc(4 * MiB, 1)]);
  }

  it(
    'answers what is no proper request with a 4xx or closes, keeps nothing and lives on',
    async () => {
      await expectNothingKept(async () => {
        const wrong: string[] = [];
        for (const [name, request] of hostile) {
          const { statuses, closed } = await sendRaw(url, request);
          const refused = statuses.length > 0 && statuses.every((status) => status >= 400 && status < 500);
          const gone = statuses.length === 0 && (closed || request.after === 'vanish');
          if (!refused && !gone) wrong.push(`${name}: ${statuses.join(' ')}, ${closed ? 'closed' : 'left open'}`);
        }
        expect(wrong).toEqual([]);
      });
    },
    TIME_LIMIT_MS,
  );
});

async function rssOf(pid: number): Promise<number> {
  const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kB) * 1024;
}
