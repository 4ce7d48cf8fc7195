import { Breaker, type BreakerOptions } from '../breaker.ts';
import type { Pace } from './pace.ts';

/** An item's header as bridges want it: binary fields in base64url. */
export interface OpticalHeader {
  readonly id: string;
  readonly owner: string;
  readonly owner_address: string;
  readonly signature: string;
  readonly target: string;
  readonly content_type: string;
  readonly tags: readonly { readonly name: string; readonly value: string }[];
  readonly data_size: number;
  /** The bundler's own signature: RSA-PSS over the deep hash of the id. */
  readonly bundlr_signature: string;
  /** When the item was accepted, Unix milliseconds. */
  readonly uploaded_at: number;
}

export interface OpticalBridgeOptions extends Omit<BreakerOptions, 'service'> {
  readonly url: string;
  /** What it asks for to let somebody post; empty for nothing. */
  readonly key: string;
  /** Modulus of the key that signs the headers, base64url. */
  readonly publicKey: string;
  readonly pace: Pace;
}

/** One gateway that wants to know of items before they are mined. What happens to it touches no other one. */
export class OpticalBridge {
  /** How it is called in metrics and in the log. */
  readonly name: string;
  readonly #options: OpticalBridgeOptions;
  readonly #breaker: Breaker;

  constructor(options: OpticalBridgeOptions) {
    this.#options = options;
    this.name = new URL(options.url).host;
    this.#breaker = new Breaker({ ...options, service: `optical ${this.name}` });
  }

  /**
   * Posts headers in one request. A refusal is for good: the same headers would be refused again.
   *
   * @throws BreakerOpen without posting; Error when the bridge failed, was too busy or took too long
   */
  async post(headers: readonly OpticalHeader[]): Promise<'taken' | 'refused'> {
    await this.#options.pace.turn();
    return this.#breaker.run(() => this.#send(JSON.stringify(headers)));
  }

  close(): void {
    this.#breaker.close();
  }

  async #send(body: string): Promise<'taken' | 'refused'> {
    const { key, publicKey, timeoutMs, url } = this.#options;
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-bundlr-public-key': publicKey,
        ...(key && { authorization: `Bearer ${key}` }),
      },
      body,
      // Its own: the breaker's limit ends the call, and leaves the connection open.
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    await answer.body?.cancel();
    if (answer.ok) return 'taken';
    if (answer.status === 429 || answer.status >= 500) throw new Error(`bridge ${this.name} answered ${answer.status}`);
    return 'refused';
  }
}
