import { PaymentAdmin } from '@bundler/adapters';
import { buildApp } from '@bundler/admin';
import { ADMIN_KEY_HEADER } from '@bundler/contract';
import { createLogger, createMetrics } from '@bundler/runtime';
import type { PaymentProcess } from './payment-process.ts';

type AdminApp = Awaited<ReturnType<typeof buildApp>>;

const NAME = 'alice';
const KEY = `the key of ${NAME}`;
const notHere = (): never => {
  throw new Error('not asked here');
};

/** The admin service as far as it is about payments, and `alice` who has its only key. */
export class PaymentDesk {
  /** What it has written into its log since somebody emptied this. */
  readonly lines: object[];
  readonly #app: AdminApp;
  readonly #payment: PaymentProcess;

  private constructor(app: AdminApp, payment: PaymentProcess, lines: object[]) {
    this.lines = lines;
    this.#app = app;
    this.#payment = payment;
  }

  static async open(payment: PaymentProcess): Promise<PaymentDesk> {
    const lines: object[] = [];
    const logger = createLogger('test', 'fatal');
    Object.assign(logger, { info: (line: object) => lines.push(line), child: () => logger });
    const app = await buildApp({
      keys: { nameOf: (key) => (key === KEY ? NAME : undefined) },
      payment: new PaymentAdmin({ url: payment.url, secret: payment.secret, timeoutMs: 10_000, now: Date.now }),
      records: {
        traceItem: notHere,
        upload: notHere,
        bundle: notHere,
        bundleOfTransaction: notHere,
        bundles: notHere,
        itemsOfBundle: notHere,
        openBundles: notHere,
      },
      inspector: { overview: notHere, jobs: notHere, jobsAbout: notHere, retry: notHere, drain: notHere, all: notHere },
      pipeline: notHere,
      version: 'test',
      now: Date.now,
      health: { draining: () => false },
      logger,
      metrics: createMetrics(),
    });
    return new PaymentDesk(app, payment, lines);
  }

  /** @param path below `/admin/v1/payment` */
  async ask(method: 'GET' | 'POST', path: string, payload?: object, key = KEY) {
    const answer = await this.#app.inject({
      method,
      url: `/admin/v1/payment${path}`,
      headers: { [ADMIN_KEY_HEADER]: key },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.statusCode === 200 ? answer.json<object>() : answer.body };
  }

  /** What is on record for good, oldest first. */
  async acts(): Promise<{ admin: string; action: string; subject: string; details: object }[]> {
    const { rows } = await this.#payment.ledger.database.writer.raw(
      'select admin, action, subject, details from admin_acts order by id',
    );
    return rows;
  }

  close(): Promise<void> {
    return this.#app.close();
  }
}
