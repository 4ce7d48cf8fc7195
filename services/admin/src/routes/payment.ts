import type { PaymentAdmin } from '@bundler/adapters';
import { ApiError, paymentActSchema, paymentActs } from '@bundler/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { audit } from '../access.ts';

/** Accounts and promo codes. The payment service does it and writes down for good who asked. */
export function addPaymentRoutes(app: FastifyInstance, payment: Pick<PaymentAdmin, 'ask'> | undefined): void {
  for (const [name, act] of Object.entries(paymentActs)) {
    app.route({
      method: act.method,
      url: `/payment${act.path}`,
      schema: paymentActSchema(act, 'payment'),
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        if (!payment) throw new ApiError('not_found', { detail: 'There is no payment service.' });
        const path = pathOf(act.path, request);
        const body = 'body' in act.takes ? request.body : undefined;
        const asked = payment.ask(request.admin, act.method, path, body);
        const answer = await asked.catch((cause: unknown) => {
          throw new ApiError('payment_unavailable', { cause, retryAfter: 5 });
        });
        audit(request, `payment.${name}`, { path, status: answer.status });
        if (answer.status !== 200) reply.code(answer.status).type('text/plain; charset=utf-8');
        return answer.body;
      },
    });
  }
}

/** The same path with what this request has in place of its parameters. */
function pathOf(path: string, { params }: FastifyRequest): string {
  const values = params as Readonly<Record<string, string>>;
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name]!));
}
