import { ADMIN_NAME_HEADER } from '@bundler/contract';
import { serviceToken } from './service-token.ts';

export interface PaymentAdminOptions {
  readonly url: string;
  readonly secret: string;
  readonly timeoutMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What the payment service answered: JSON, or the text of an error. */
export interface PaymentAdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The payment service as the admin service asks it, in the name of whoever holds the key. */
export class PaymentAdmin {
  readonly #options: PaymentAdminOptions;

  constructor(options: PaymentAdminOptions) {
    this.#options = options;
  }

  /** @param path below `/v1/admin` @throws when it does not answer */
  async ask(admin: string, method: 'GET' | 'POST', path: string, body?: unknown): Promise<PaymentAdminAnswer> {
    const { now, secret, timeoutMs, url } = this.#options;
    const answer = await fetch(`${url.replace(/\/+$/, '')}/v1/admin${path}`, {
      method,
      headers: {
        authorization: `Bearer ${serviceToken(secret, 'bundler-admin', now())}`,
        [ADMIN_NAME_HEADER]: admin,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    const text = await answer.text();
    return { status: answer.status, body: answer.ok ? JSON.parse(text) : text };
  }
}
