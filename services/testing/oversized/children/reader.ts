import { asChild } from '../../bench/child.ts';
import { newHash } from '../payload.ts';

export interface ReaderInput {
  readonly url: string;
}

export interface Read {
  readonly byteCount: number;
  readonly sha256: string;
  readonly seconds: number;
}

/** Reads what a URL has and hashes it on the way. */
asChild(async ({ url }: ReaderInput, parent): Promise<Read> => {
  await parent.ready();
  const start = performance.now();
  const answer = await fetch(url);
  if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`);
  const hash = newHash();
  let byteCount = 0;
  for await (const piece of answer.body) {
    hash.update(piece);
    byteCount += piece.length;
  }
  return { byteCount, sha256: hash.digest('hex'), seconds: (performance.now() - start) / 1000 };
});
