import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { QueueInspector } from '@bundler/adapters';
import { BOARD_PREFIX } from '@bundler/contract';
import { type ApiKeys, redact } from '@bundler/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { loginPage } from './login-page.ts';
import { SESSION_MS, Sessions } from './sessions.ts';

export interface BoardOptions {
  readonly keys: Pick<ApiKeys, 'nameOf'>;
  readonly inspector: Pick<QueueInspector, 'all'>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

const LOGIN = `${BOARD_PREFIX}/login`;
const COOKIE = 'bundler-board';
const COOKIE_OF = new RegExp(`(?:^|; *)${COOKIE}=([\\w-]{43})(?:;|$)`);
/** A form with one key. */
const FORM_LIMIT = 1024;
/** What the board's page may load: its own files. Its markup asks for fonts of somebody else, who would see who looks. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Shows the queues in a browser, to those who have logged in with an admin key, and lets them change nothing: whoever wants to
 * retry or drain uses the API, which writes down who did, and pausing goes through the BundlerConfig.
 */
export async function addBoard(app: FastifyInstance, { inspector, keys, now }: BoardOptions): Promise<void> {
  const sessions = new Sessions(now);
  const adapter = new FastifyAdapter();
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter.setBasePath(BOARD_PREFIX),
    options: {
      uiConfig: {
        boardTitle: 'Bundler queues',
        hideDocsLink: true,
        sortQueues: false,
        miscLinks: [{ text: 'Log out', url: `${BOARD_PREFIX}/logout` }],
      },
    },
  });
  let filled = false;
  const fill = async (): Promise<void> => {
    if (filled) return;
    board.replaceQueues((await inspector.all()).map(shown));
    filled = true;
  };

  await app.register(
    async (scope) => {
      scope.addHook('onSend', async (_request, reply) => {
        reply.header('content-security-policy', CSP).header('referrer-policy', 'no-referrer');
      });
      addLogin(scope, sessions, keys);
      await scope.register(async (inside) => {
        inside.addHook('onRequest', async (request, reply) => {
          if (nameOf(request, sessions) === undefined) return turnAway(request, reply);
          // The board refuses it too; here it does not depend on what a new version of the board offers.
          if (!['GET', 'HEAD'].includes(request.method)) {
            return reply.code(403).send({ error: 'The board only shows. Use kubectl bundler queue or the admin API.' });
          }
          try {
            return await fill();
          } catch (error) {
            request.log.warn({ err: error }, 'the board cannot reach the queues');
            return reply
              .code(503)
              .header('retry-after', '5')
              .send({ error: `The queues cannot be reached: ${(error as Error).message}` });
          }
        });
        await inside.register(adapter.registerPlugin());
      });
    },
    { prefix: BOARD_PREFIX },
  );
}

/** One queue as it is shown: with nothing in it that is secret, and no button that changes anything. */
function shown(queue: Awaited<ReturnType<QueueInspector['all']>>[number]): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true });
  for (const field of ['data', 'returnValue', 'progress'] as const) adapter.setFormatter(field, redact);
  return adapter;
}

function addLogin(scope: FastifyInstance, sessions: Sessions, keys: Pick<ApiKeys, 'nameOf'>): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_LIMIT },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  const page = (reply: FastifyReply, status: number, problem?: string): FastifyReply =>
    reply.code(status).type('text/html; charset=utf-8').send(loginPage(problem));

  scope.get('/login', { schema: { hide: true } }, (_request, reply) => page(reply, 200));
  scope.post('/login', { schema: { hide: true } }, (request, reply) => {
    if (sessions.isTired)
      return page(reply.header('retry-after', '60'), 429, 'Too many wrong keys. Try again in a minute.');
    const key = request.body instanceof URLSearchParams ? request.body.get('key') : null;
    const name = key === null ? undefined : keys.nameOf(key);
    if (name === undefined) {
      sessions.noteFailure();
      request.log.warn({ audit: true, peer: request.ip }, 'refused at the board');
      return page(reply, 401, 'That is no key of this platform.');
    }
    request.log.info({ audit: true, admin: name }, 'logged in at the board');
    return reply.header('set-cookie', cookie(sessions.open(name), SESSION_MS / 1000)).redirect(`${BOARD_PREFIX}/`, 303);
  });
  scope.get('/logout', { schema: { hide: true } }, (request, reply) => {
    const id = sessionId(request);
    if (id !== undefined) sessions.close(id);
    return reply.header('set-cookie', cookie('', 0)).redirect(LOGIN, 303);
  });
}

/** No other site's page can send it along, and no script can read it. */
const cookie = (value: string, seconds: number): string =>
  `${COOKIE}=${value}; Path=${BOARD_PREFIX}; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;

const sessionId = ({ headers }: FastifyRequest): string | undefined => COOKIE_OF.exec(headers.cookie ?? '')?.[1];

function nameOf(request: FastifyRequest, sessions: Sessions): string | undefined {
  const id = sessionId(request);
  return id === undefined ? undefined : sessions.nameOf(id);
}

/** A person is sent to log in; the board's own questions are told that the session is over. */
function turnAway(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.method === 'GET' && (request.headers.accept ?? '').includes('text/html'))
    return reply.redirect(LOGIN, 303);
  return reply.code(401).send({ error: 'Log in at the board first.' });
}
