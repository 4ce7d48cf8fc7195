import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';

export const PaymentInfo = Type.Object({
  version: Type.String(),
  addresses: Type.Record(Type.String(), Type.String(), { description: 'Our wallet for each token that is taken.' }),
  gateway: Type.String(),
  gateways: Type.Array(Type.String()),
});
export type PaymentInfo = Static<typeof PaymentInfo>;

/** `GET /`, `/info`: who this service is, and where tokens are sent. */
export function addInfoRoutes(app: FastifyInstance, info: () => PaymentInfo): void {
  for (const path of ['/', '/info']) {
    app.get(
      path,
      { schema: { tags: ['service'], summary: 'About this service', response: { 200: PaymentInfo } } },
      () => info(),
    );
  }
}
