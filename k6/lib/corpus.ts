import { SharedArray } from 'k6/data';
import * as files from 'k6/experimental/fs';
import { settings } from './settings.ts';

type Row = readonly [string, number, number, number, string, string];

/** A signed data item, ready to be sent. */
export interface Item {
  /** What its receipt must name. */
  readonly id: string;
  readonly body: ArrayBuffer;
  readonly sizeCategory: string;
  readonly signature: string;
}

const index = new SharedArray<Row>('corpus', () => JSON.parse(open(`${settings.corpus}/index.json`)) as Row[]);
const headers = await files.open(`${settings.corpus}/headers.bin`);
const payload = await files.open(`${settings.corpus}/payload.bin`);

/** The item at a place of the corpus. @throws Error beyond its end: sent again, an item is a duplicate and measures nothing */
export async function itemAt(position: number): Promise<Item> {
  const { id, sizeCategory, signature, byteCount } = describe(position);
  return { id, sizeCategory, signature, body: await slice(position, 0, byteCount) };
}

/** What the index says of an item, without its bytes. */
export function describe(position: number) {
  const row = index[position];
  if (row === undefined)
    throw new Error(`the corpus has ${index.length} items, and one more was asked for: ${position}`);
  const [id, at, headerBytes, payloadBytes, sizeCategory, signature] = row;
  return { id, at, headerBytes, byteCount: headerBytes + payloadBytes, sizeCategory, signature };
}

/** Bytes `from` to `to` of an item, so that a large one is never in memory as a whole. */
export async function slice(position: number, from: number, to: number): Promise<ArrayBuffer> {
  const { at, headerBytes } = describe(position);
  const body = new Uint8Array(to - from);
  if (from < headerBytes) body.set(await read(headers, at + from, Math.min(to, headerBytes) - from));
  const begin = Math.max(from, headerBytes);
  if (to > begin) body.set(await read(payload, begin - headerBytes, to - begin), begin - from);
  return body.buffer;
}

async function read(file: files.File, at: number, byteCount: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteCount);
  await file.seek(at, files.SeekMode.Start);
  const got = await file.read(bytes);
  if (got !== byteCount) throw new Error(`the corpus ends early: ${got} of ${byteCount} bytes at ${at}`);
  return bytes;
}
