import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';

/** What the page is told: where to upload, and where items are read. */
export interface PageConfig {
  readonly uploadUrl: string;
  readonly gatewayUrl: string;
}

/**
 * Serves the example page on 127.0.0.1. Browsers run the client's sources as they are: only their types are taken out,
 * and there is nothing to bundle.
 */
export async function servePage(config: PageConfig, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', config).then(
      ({ type, text }) => response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text),
      (error: Error) => response.writeHead(404, { 'content-type': 'text/plain' }).end(error.message),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function answer(url: string, config: PageConfig): Promise<{ type: string; text: string }> {
  const { pathname } = new URL(url, 'http://localhost');
  if (pathname === '/') return { type: 'text/html; charset=utf-8', text: await read('example/index.html') };
  if (pathname === '/config.json') return { type: 'application/json', text: JSON.stringify(config) };
  // Nothing else of this machine has such a name.
  const script = /^\/((?:src|example)\/[a-z0-9-]+\.ts)$/.exec(pathname)?.[1];
  if (script === undefined) throw new Error(`${pathname} is no part of the page`);
  return { type: 'text/javascript; charset=utf-8', text: stripTypeScriptTypes(await read(script)) };
}

const read = (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
