import fc from 'fast-check';
import { allocatedBy } from '../vectors/fuzz/allocation.ts';
import { itemRecipe, pieceLengths } from '../vectors/fuzz/edits.ts';
import { makeItem } from '../vectors/fuzz/make-item.ts';
import { namedItems } from '../vectors/fuzz/named.ts';
import { readByOracle } from '../vectors/fuzz/oracle.ts';
import { growPool, type Seedling } from '../vectors/fuzz/pool.ts';
import { fuzzSettings } from '../vectors/fuzz/settings.ts';
import {
  closeSignatureThread,
  DataItemError,
  DataItemVerifier,
  MAX_HEADER_BYTES,
  type VerifiedDataItem,
  verifyDataItem,
} from './index.ts';

/** More than the 100,000 that are promised, over the eight types. */
const CASES = 104_000;
const KINDS = [
  'valid: true',
  'valid: false',
  'unknown_signature_type',
  'invalid_target_flag',
  'invalid_anchor_flag',
  'too_many_tags',
  'too_many_tag_bytes',
  'invalid_tags',
  'tag_name_too_long',
  'tag_value_too_long',
  'truncated',
];
const TIME_LIMIT_MS = 900_000;

let pool: Seedling[];
beforeAll(async () => {
  pool = await growPool();
});
afterAll(closeSignatureThread);

type Verdict = VerifiedDataItem | string;

async function verdictOf(read: () => Promise<VerifiedDataItem>): Promise<Verdict> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DataItemError) return error.code;
    throw error;
  }
}

/** Reads bytes in pieces of these lengths, each in memory of its own that is wiped as soon as it was taken. */
async function readInPieces(bytes: Buffer, lengths: readonly number[]): Promise<VerifiedDataItem> {
  const verifier = new DataItemVerifier();
  const usable = lengths.some((length) => length > 0) ? lengths : [1];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const piece = Buffer.from(bytes.subarray(at, at + usable[index % usable.length]!));
    verifier.write(piece);
    at += piece.length;
    piece.fill(0);
  }
  return verifier.finish();
}

function summary(verdict: Verdict): string {
  if (typeof verdict === 'string') return verdict;
  const { header, valid, byteCount, payloadByteCount } = verdict;
  return [valid, header.id.toString('base64url'), byteCount, payloadByteCount, JSON.stringify(header.tags)].join(' ');
}

/** What must be read in an item, by a reader that shares nothing with ours. */
function expected({ bytes, signature, signed }: Awaited<ReturnType<typeof makeItem>>): string | undefined {
  const item = readByOracle(bytes);
  if (item === undefined) return undefined;
  const valid =
    item.type === signed.type &&
    item.signature.equals(signature) &&
    item.owner.equals(signed.owner) &&
    item.message.equals(signed.message);
  return [valid, item.id, bytes.length, item.payloadByteCount, JSON.stringify(item.tags)].join(' ');
}

describe('an item that was tampered with', () => {
  it(
    'is read as the format says or refused with a code, however its bytes are cut',
    async () => {
      const settings = fuzzSettings(CASES);
      const seen = new Map<string, number>();
      const one = fc.record({ seedling: fc.nat({ max: pool.length - 1 }), recipe: itemRecipe, pieces: pieceLengths });
      await fc.assert(
        fc.asyncProperty(one, async ({ seedling, recipe, pieces }) => {
          const made = await makeItem(pool[seedling]!, recipe);
          const whole = await verdictOf(() => verifyDataItem(made.bytes));
          const kind = typeof whole === 'string' ? whole : `valid: ${whole.valid}`;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
          const should = expected(made);
          if (typeof whole === 'string' ? should !== undefined : should !== summary(whole)) {
            throw new Error(`read as "${summary(whole)}", but the format says "${should ?? 'no item'}"`);
          }
          const cut = await verdictOf(() => readInPieces(made.bytes, pieces));
          if (summary(cut) !== summary(whole)) {
            throw new Error(`read as "${summary(whole)}" when whole, but as "${summary(cut)}" in pieces`);
          }
        }),
        settings,
      );
      // A generator that reaches only the first check would prove little.
      const often = KINDS.filter(
        (kind) => settings.path !== undefined || (seen.get(kind) ?? 0) >= settings.numRuns / 500,
      );
      expect(often).toEqual(KINDS);
    },
    TIME_LIMIT_MS,
  );

  it('costs no more memory than its bytes and one header, whatever lengths it declares', () => {
    const limit = (bytes: Buffer): number => 2 * (bytes.length + MAX_HEADER_BYTES);
    for (const { name, bytes } of namedItems(pool)) {
      const allocated = allocatedBy(() => {
        try {
          new DataItemVerifier().write(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DataItemError);
        }
      });
      expect([name, allocated <= limit(bytes)]).toEqual([name, true]);
    }
  });
});

describe('the named bad items', () => {
  it('are hundreds, and none is valid', async () => {
    const items = namedItems(pool);
    expect(items.length).toBeGreaterThan(400);
    const verdicts = await Promise.all(items.map(async ({ bytes }) => verdictOf(() => verifyDataItem(bytes))));
    const taken = items.filter((_, index) => {
      const verdict = verdicts[index]!;
      return typeof verdict !== 'string' && verdict.valid;
    });
    expect(taken.map(({ name }) => name)).toEqual([]);
  });
});
