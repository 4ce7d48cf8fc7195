/** What somebody is told who got a gift. */
export interface GiftMail {
  /** The code of the gift. */
  readonly id: string;
  readonly to: string;
  readonly winc: string;
  readonly message: string | null;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Who sends e-mails for us. */
export interface Mailer {
  /** Sends at least once: a crash after it was sent sends it again. @throws when it is not known to be sent */
  sendGift(mail: GiftMail): Promise<void>;
}
