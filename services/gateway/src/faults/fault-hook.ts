import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { routeOf } from '../http/route-of.ts';
import type { FaultList } from './fault-list.ts';

/** Routes that steer the gateway itself and so never misbehave. */
const CONTROL = /^[A-Z]+ \/(dev|mine|mint)(\/|$)/;

/** Lets faults strike a request before its body is read, as a node's rate limit does. */
export function faultHook(faults: FaultList) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const route = routeOf(request);
    const fault = CONTROL.test(route) ? undefined : faults.onRequest(route);
    if (!fault) return undefined;
    if ('connection' in fault) {
      if (fault.connection === 'close') request.raw.socket.destroy();
      return reply.hijack();
    }
    if (fault.delayMs !== undefined) await wait(fault.delayMs, undefined, { ref: false });
    if (fault.status === undefined) return undefined;
    if (fault.retryAfter !== undefined) reply.header('retry-after', fault.retryAfter);
    return reply.code(fault.status).send(fault.status === 429 ? 'Too Many Requests.' : `Fault ${fault.status}`);
  };
}
