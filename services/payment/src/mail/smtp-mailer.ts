import { createTransport } from 'nodemailer';
import { giftText } from './gift-text.ts';
import type { GiftMail, Mailer } from './mailer.ts';

export interface SmtpOptions {
  /** As `smtps://user:password@host:465`. */
  readonly url: string;
  readonly from: string;
  /** Where gifts are redeemed; empty for none. */
  readonly page: string;
}

/** How long each step of a conversation may take, milliseconds. */
const TIMEOUT_MS = 15_000;

/** E-mails by SMTP. */
export class SmtpMailer implements Mailer {
  readonly #options: SmtpOptions;
  readonly #transport: ReturnType<typeof createTransport>;

  constructor(options: SmtpOptions) {
    this.#options = options;
    this.#transport = createTransport({
      url: options.url,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
  }

  async sendGift(mail: GiftMail): Promise<void> {
    const { from, page } = this.#options;
    // What a stranger wrote is text and an address as it is, never a header or markup.
    await this.#transport.sendMail({ from, to: { name: '', address: mail.to }, ...giftText(mail, page) });
  }
}
