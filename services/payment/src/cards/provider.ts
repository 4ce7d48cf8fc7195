/** What a payer is asked to pay. */
export interface CardPayment {
  readonly quoteId: string;
  /** In the smallest unit of the currency. */
  readonly amount: number;
  readonly currency: string;
  /** Whom it is for, as people read it on the bill. */
  readonly description: string;
}

/** A page on which the provider asks for the card. */
export interface CheckoutPage {
  readonly uiMode: 'hosted' | 'embedded';
  readonly successUrl: string | undefined;
  readonly cancelUrl: string | undefined;
  /** Where an embedded page goes when it is done. */
  readonly returnUrl: string | undefined;
  /** When the page closes, Unix milliseconds. */
  readonly expiresAt: number;
}

/** What clients go on with. */
export interface PaymentSession {
  readonly id: string;
  readonly url: string | null;
  readonly client_secret: string | null;
}

/** What the provider has told, as far as it concerns this service. It is kept in this form until it is handled. */
export type CardEvent =
  | {
      readonly type: 'paid';
      readonly paymentIntent: string;
      readonly quoteId: string;
      /** What came in. */
      readonly amount: number;
      readonly currency: string;
      /** Unix milliseconds. */
      readonly at: number;
    }
  | {
      readonly type: 'disputed';
      readonly dispute: string;
      readonly paymentIntent: string;
      readonly amount: number;
      readonly currency: string;
      readonly state: 'open' | 'won' | 'lost';
    }
  | {
      readonly type: 'refunded';
      /** Of the refund; of the charge, where all of its refunds are told together. */
      readonly refund: string;
      readonly paymentIntent: string;
      /** Of this refund, or with `total` of all of the payment until then. */
      readonly amount: number;
      readonly state: 'total' | 'made' | 'failed';
    };

/** Who takes cards for us. */
export interface CardProvider {
  /** @throws CardProviderDown */
  checkout(payment: CardPayment, page: CheckoutPage): Promise<PaymentSession>;
  /** @throws CardProviderDown */
  intent(payment: CardPayment): Promise<PaymentSession>;
  /** Gives a payment back, once, however often it is asked. @throws when that is not known to have been taken */
  refund(paymentIntent: string): Promise<void>;
  /**
   * Reads a message of the provider.
   *
   * @returns its id, and nothing more for what does not concern this service
   * @throws CardMessageForged when it was not signed by the provider
   */
  read(body: Buffer, signature: string): { readonly id: string; readonly event: CardEvent | undefined };
}

/** The provider does not answer, or refuses what it should not; a later try may succeed. */
export class CardProviderDown extends Error {}

/** A message that the provider has not signed, or signed too long ago. */
export class CardMessageForged extends Error {}
