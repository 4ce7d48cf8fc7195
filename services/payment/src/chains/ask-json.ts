import { inSpan, type Tracing } from '@bundler/runtime';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { ChainUnavailable } from './chain.ts';

/** Where a node of a chain is asked. */
export interface Node {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly tracing?: Tracing | undefined;
}

/** What a node answers. Errors and traces name its host alone, because its path and query may hold a key. @throws ChainUnavailable */
export async function askJson(
  { timeoutMs, tracing, url }: Node,
  body?: unknown,
): Promise<{ status: number; json: unknown }> {
  const problem = (what: string, cause?: unknown): ChainUnavailable =>
    new ChainUnavailable(`${url.host}: ${what}`, { cause });
  const asked = body !== undefined && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  try {
    const ask = async (): Promise<{ status: number; text: string }> => {
      const answer = await fetch(url, { ...asked, signal: AbortSignal.timeout(timeoutMs) });
      return { status: answer.status, text: await answer.text() };
    };
    const { status, text } = await inSpan(tracing, 'ask node', { attributes: { 'server.address': url.host } }, () =>
      // What traces requests by itself would tell the URL.
      tracing ? tracing.outside(ask) : ask(),
    );
    if (status >= 500 || status === 429) throw problem(`answered with ${status}`);
    return { status, json: JSON.parse(text) };
  } catch (cause) {
    if (cause instanceof ChainUnavailable) throw cause;
    throw problem(cause instanceof SyntaxError ? 'answered with what is no JSON' : (cause as Error).message, cause);
  }
}

/** What was told, if it is what should be told. @throws ChainUnavailable */
export function told<Schema extends TSchema>(schema: Schema, answer: unknown, { url }: Node): Static<Schema> {
  if (!Value.Check(schema, answer)) throw new ChainUnavailable(`${url.host}: answered in a form that is not known`);
  return answer as Static<Schema>;
}
