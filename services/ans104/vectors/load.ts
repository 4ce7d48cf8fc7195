/** The committed vectors, read. */
import { readFileSync } from 'node:fs';
import type { DataItemErrorCode, Tag } from '../src/index.ts';

/** An item that is valid, and what arbundles reads in it; bytes are base64url. */
export interface GoodVector {
  name: string;
  bytes: string;
  signatureType: number;
  id: string;
  owner: string;
  target: string;
  anchor: string;
  tags: Tag[];
  payload: string;
  /** The deep hash that is signed. */
  message: string;
}

/** Bytes that are no item (`code`), or an item nobody signed (no `code`). */
export interface BadVector {
  name: string;
  bytes: string;
  code?: DataItemErrorCode;
}

/** Reads `good.json`. */
export function loadGoodVectors(): GoodVector[] {
  return load('good.json') as GoodVector[];
}

/** Reads `bad.json`. */
export function loadBadVectors(): BadVector[] {
  return load('bad.json') as BadVector[];
}

function load(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
}
