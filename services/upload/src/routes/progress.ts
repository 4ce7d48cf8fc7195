import type { OutgoingHttpHeaders } from 'node:http';
import { Progress, ProgressParams } from '@bundler/contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { isFinal, parseEventId } from '../progress/events.ts';
import type { ProgressHub } from '../progress/hub.ts';
import { ProgressStream } from '../progress/stream.ts';

export interface ProgressRoutes {
  readonly hub: Pick<ProgressHub, 'follow'>;
  readonly heartbeatMs: () => number;
}

const schema = {
  tags: ['items'],
  summary: 'Follow an upload as server-sent events, from its first byte to permanent',
  params: ProgressParams,
  response: {
    200: {
      description: 'Events `progress`, and `unknown` when nobody knows the id; docs/upload-progress.md says more.',
      content: { 'text/event-stream': { schema: Progress } },
    },
    204: Type.Null({ description: 'The last event that the client has seen was the last there is.' }),
  },
};

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  // nginx would keep events back until it has a buffer full of them.
  'x-accel-buffering': 'no',
};

/** `GET /upload/progress/:id`: a stream that any process can serve and go on with. */
export function addProgressRoutes(app: FastifyInstance, { hub, heartbeatMs }: ProgressRoutes): void {
  const serve = (stream: ProgressStream, reply: FastifyReply): void => {
    const answer = reply.raw;
    try {
      answer.once('close', hub.follow(stream.id, stream));
    } catch (error) {
      stream.destroy();
      throw error;
    }
    answer.once('close', () => stream.destroy());
    // The next request on this connection would come here again, where nobody will be.
    answer.once('finish', () => stream.movedOn && answer.socket?.destroySoon());
    // Past Fastify: that a client goes away is how most streams end, and their length is no latency.
    reply.hijack();
    answer.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...headers });
    stream.pipe(answer);
  };
  app.get<{ Params: Static<typeof ProgressParams>; Headers: { 'last-event-id'?: string } }>(
    '/upload/progress/:id',
    // A HEAD that opens a stream would never end it.
    { schema, exposeHeadRoute: false, config: { untraced: true } },
    async (request, reply) => {
      const seen = parseEventId(request.headers['last-event-id']);
      // Tells an EventSource, which comes again after every end, not to.
      if (seen && isFinal(seen)) return reply.code(204).send();
      serve(new ProgressStream(request.params.id, seen, heartbeatMs), reply);
      return reply;
    },
  );
}
