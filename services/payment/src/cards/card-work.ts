import type { Knex } from '@bundler/adapters';
import type { Logger } from '@bundler/runtime';
import type { GiftMail, Mailer } from '../mail/mailer.ts';
import type { CardEvents } from '../store/card-events.ts';
import { collectDebts } from '../store/debts.ts';
import type { Outbox, OutboxKind, OutboxRow } from '../store/outbox.ts';
import { handleCardEvent } from './handle-event.ts';
import type { CardProvider } from './provider.ts';

export interface CardWorkOptions {
  readonly db: Knex;
  readonly events: CardEvents;
  readonly outbox: Outbox;
  /** Undefined where no cards are taken. */
  readonly provider: CardProvider | undefined;
  /** Undefined where no mail can be sent. */
  readonly mailer: Mailer | undefined;
  readonly logger: Logger;
}

/** Rows that one look sends. */
const LIMIT = 50;

/** What is done behind the answers: messages of the card provider, refunds, mails of gifts, debts. */
export class CardWork {
  readonly #options: CardWorkOptions;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: CardWorkOptions) {
    this.#options = options;
  }

  /** Looks now, because something has just been kept; what it misses the next tick finds. */
  wake(): void {
    this.#again = true;
    this.#running ??= this.#untilDone().finally(() => {
      this.#running = undefined;
    });
  }

  /** One look at everything that waits. */
  async run(): Promise<void> {
    const { db, events, logger } = this.#options;
    await events.handleWaiting(handleCardEvent, (id, error) =>
      logger.warn({ err: error, event: id }, 'message of the card provider not handled yet'),
    );
    await this.#deliver();
    await collectDebts(db);
  }

  /** Resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#again = false;
    await this.#running;
  }

  async #untilDone(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.run().catch((error: unknown) =>
        this.#options.logger.warn({ err: error }, 'card work failed; the next tick tries again'),
      );
    }
  }

  async #deliver(): Promise<void> {
    const { logger, mailer, outbox, provider } = this.#options;
    // Rows of what is switched off wait until it is on again.
    const kinds: OutboxKind[] = [...(provider ? ['refund' as const] : []), ...(mailer ? ['gift-mail' as const] : [])];
    if (kinds.length === 0) return;
    for (const row of await outbox.take(kinds, LIMIT)) {
      try {
        await this.#send(row);
        await outbox.done(row.id);
        logger.info({ kind: row.kind, id: row.id }, 'sent');
      } catch (error) {
        logger.warn({ err: error, kind: row.kind, id: row.id, tries: row.tries }, 'not sent; it is tried again');
        await outbox.failed(row, (error as Error).message);
      }
    }
  }

  #send({ body, kind }: OutboxRow): Promise<void> {
    const { mailer, provider } = this.#options;
    if (kind === 'refund') return provider!.refund(body.paymentIntent as string);
    return mailer!.sendGift(body as unknown as GiftMail);
  }
}
