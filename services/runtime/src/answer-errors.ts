import { ApiError, isShed } from '@bundler/contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from './metrics.ts';

/**
 * Answers every error, and whatever no route is for, with an error of the catalogue. The text is the body, because that is
 * what clients show. What went wrong on our side stays in the log.
 */
export function answerErrors(
  app: FastifyInstance,
  options: {
    readonly metrics: Pick<Metrics, 'loadShed'>;
    /** Whether an error means that something this service needs is away, so that the same request may succeed later. */
    readonly isUnavailable?: (error: Error) => boolean;
  },
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // 503 and not 500: clients repeat it, and a status that cannot be read says nothing about the item.
    const away = !(error instanceof ApiError) && options.isUnavailable?.(error);
    return sendError(
      away ? new ApiError('unavailable', { cause: error, retryAfter: 1 }) : error,
      request,
      reply,
      options.metrics,
    );
  });
  app.setNotFoundHandler((request, reply) => sendError(new ApiError('not_found'), request, reply, options.metrics));
}

function sendError(
  error: FastifyError | ApiError,
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Pick<Metrics, 'loadShed'>,
): FastifyReply {
  const known = toApiError(error);
  // Refusing what cannot be served now is what a service is meant to do: metrics count it, the log would drown in it.
  const shed = isShed(known.code);
  if (shed) metrics.loadShed.inc({ reason: known.code });
  if (known.status >= 500 && !shed) request.log.error({ err: error, code: known.code }, 'request failed');
  else request.log.debug({ err: error, code: known.code }, 'request refused');
  if (known.retryAfter !== undefined) reply.header('retry-after', known.retryAfter);
  return reply.code(known.status).type('text/plain; charset=utf-8').send(known.message);
}

function toApiError(error: FastifyError | ApiError): ApiError {
  if (error instanceof ApiError) return error;
  if (error.validation) return new ApiError('invalid_request', { detail: error.message, cause: error });
  const status = error.statusCode ?? 500;
  if (status === 413) return new ApiError('body_too_large', { cause: error });
  return new ApiError(status >= 400 && status < 500 ? 'invalid_request' : 'internal', { cause: error });
}
