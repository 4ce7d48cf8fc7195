import { parseJson } from '../http/parse-json.ts';

const CHUNK_FIELD = Buffer.from('"chunk":"');
const QUOTE = 0x22;
/** A multiple of four characters, and small enough for V8 to keep the text among its young objects. */
const PIECE_CHARACTERS = 32 * 1024;

/** The body of `POST /chunk`: its fields as JSON says them, and the bytes of its chunk where they were read apart. */
export interface ChunkBody {
  readonly fields: unknown;
  readonly bytes?: Buffer;
}

/**
 * Reads the body of `POST /chunk` without making its chunk a string. As one, a chunk is a large object of V8's, for
 * which it asks the kernel for fresh pages and gives them back: most of the time that parsing it took.
 *
 * The spelling looked for cannot stand inside a JSON string, where its quotes would be escaped. A chunk spelled in any
 * other way (white space, escapes, no base64url) stays in `fields`.
 */
export function readChunkBody(body: Buffer | undefined | null): ChunkBody {
  const place = body && placeOfChunk(body);
  const bytes = place && decodePieces(body, place);
  if (!bytes) return { fields: parseJson(body) };
  const fields = parseJson(Buffer.concat([body.subarray(0, place.start), body.subarray(place.end)]));
  // Anything but the empty text that stands there now means that this was not the object's own chunk.
  return (fields as { chunk?: unknown } | undefined)?.chunk === '' ? { fields, bytes } : { fields: parseJson(body) };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function placeOfChunk(body: Buffer): Place | undefined {
  const field = body.indexOf(CHUNK_FIELD);
  if (field < 0) return undefined;
  const start = field + CHUNK_FIELD.length;
  const end = body.indexOf(QUOTE, start);
  // A second one would make it doubtful whose chunk the first is.
  return end < 0 || body.indexOf(CHUNK_FIELD, end) >= 0 ? undefined : { start, end };
}

/** Decodes base64url in pieces, or answers undefined: Node's decoder skips what it does not know, and then less comes out. */
function decodePieces(body: Buffer, { start, end }: Place): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(Math.floor(((end - start) * 3) / 4));
  let written = 0;
  for (let at = start; at < end; at += PIECE_CHARACTERS) {
    const text = body.toString('latin1', at, Math.min(end, at + PIECE_CHARACTERS));
    written += bytes.write(text, written, 'base64url');
  }
  // No base64 has one character more than whole groups of four; there, one that was skipped would not show.
  return written === bytes.length && (end - start) % 4 !== 1 ? bytes : undefined;
}
