import type { FastifyReply } from 'fastify';

/** Answers 404 in plain text, as a node does. */
export function notFound(reply: FastifyReply, text = 'Not Found.'): FastifyReply {
  return reply.code(404).type('text/plain; charset=utf-8').send(text);
}
