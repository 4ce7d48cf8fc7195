import {
  X402Outcome,
  X402PayRequest,
  X402Quote,
  X402QuoteRequest,
  X402Verdict,
  X402VerifyRequest,
} from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { X402 } from '../x402/x402.ts';

export interface X402Routes {
  /** Undefined where no payments by x402 are taken. */
  readonly x402: Pick<X402, 'quote' | 'verify' | 'pay'> | undefined;
}

/** Payments by x402, as the upload service asks for them: nobody else may have one carried out. */
export function addX402Commands(inside: FastifyInstance, { x402 }: X402Routes): void {
  inside.post<{ Body: Static<typeof X402QuoteRequest> }>(
    '/x402/quote',
    {
      schema: {
        tags: ['services'],
        summary: 'What an upload costs where it is paid for by x402; nothing where no such payments are taken',
        body: X402QuoteRequest,
        response: { 200: X402Quote },
      },
    },
    ({ body }): X402Quote | Promise<X402Quote> => x402?.quote(body.byteCount) ?? { accepts: [] },
  );
  inside.post<{ Body: Static<typeof X402VerifyRequest> }>(
    '/x402/verify',
    {
      schema: {
        tags: ['services'],
        summary: 'Whether a payment would pay for an upload; nothing moves',
        body: X402VerifyRequest,
        response: { 200: X402Verdict },
      },
    },
    ({ body }): X402Verdict | Promise<X402Verdict> => x402?.verify(body.payment, body.byteCount) ?? off,
  );
  inside.post<{ Body: X402PayRequest }>(
    '/x402/pay',
    {
      schema: {
        tags: ['services'],
        summary: 'Carries a payment out, once, and sets aside what its upload costs',
        body: X402PayRequest,
        response: { 200: X402Outcome },
      },
    },
    ({ body }): X402Outcome | Promise<X402Outcome> => x402?.pay(body) ?? off,
  );
}

const off = {
  outcome: 'refused',
  code: 'payment_network_off',
  reason: 'Nothing is taken by x402.',
} as const;
