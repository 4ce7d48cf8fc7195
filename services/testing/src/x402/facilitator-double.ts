import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { X402Payment, X402Requirements } from '@bundler/contract';
import { verifyTypedData } from '@ethersproject/wallet';
import { closeNow, listenLocally } from '../local-http.ts';
import { domains, TRANSFER } from './transfer.ts';

interface Asked {
  readonly paymentPayload: X402Payment;
  readonly paymentRequirements: X402Requirements;
}

/** A transfer that was made, as its chain would have it. */
export interface MadeTransfer {
  readonly transaction: string;
  readonly from: string;
  readonly value: bigint;
  readonly nonce: string;
}

/**
 * A facilitator of version 1 of x402 over HTTP, with the chain behind it in memory. It checks the typed data (EIP-712) that
 * payers sign, by what is known of the assets and not by what it is told, and uses each nonce once.
 */
export class FacilitatorDouble {
  /** In the smallest unit of USDC, by address in lower case; whoever is not named has plenty. */
  readonly balances = new Map<string, bigint>();
  readonly transfers: MadeTransfer[] = [];
  /** Requests that came. */
  readonly calls = { verify: 0, settle: 0 };
  /** Waited for before a request is looked at, and before it is answered; what it rejects with cuts the connection. */
  onStep: (step: 'verify' | 'settle' | 'settled') => Promise<void> = async () => undefined;
  /** Whether it takes requests at all. */
  away = false;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  start(): Promise<string> {
    return listenLocally(this.#server);
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = (await json(request)) as Asked;
    const what = request.url === '/settle' ? 'settle' : 'verify';
    this.calls[what] += 1;
    if (this.away) {
      response.writeHead(500).end('out of order');
      return;
    }
    await this.onStep(what);
    const answer = what === 'verify' ? this.#verify(asked) : this.#settle(asked);
    if (what === 'settle') await this.onStep('settled');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #verify(asked: Asked): object {
    const invalidReason = this.#faultOf(asked);
    const payer = asked.paymentPayload.payload.authorization.from;
    return invalidReason === undefined ? { isValid: true, payer } : { isValid: false, invalidReason, payer };
  }

  #settle(asked: Asked): object {
    const { network, payload } = asked.paymentPayload;
    const { from, nonce, value } = payload.authorization;
    // As one that looks for the transaction that it has sent: what it did before it does not do twice.
    const made = this.transfers.find((transfer) => transfer.nonce === nonce && transfer.from === from.toLowerCase());
    if (made) return { success: true, transaction: made.transaction, network, payer: from };
    const errorReason = this.#faultOf(asked);
    if (errorReason !== undefined) return { success: false, errorReason, transaction: '', network, payer: from };
    const transaction = `0x${randomBytes(32).toString('hex')}`;
    this.transfers.push({ transaction, from: from.toLowerCase(), value: BigInt(value), nonce });
    const balance = this.balances.get(from.toLowerCase());
    if (balance !== undefined) this.balances.set(from.toLowerCase(), balance - BigInt(value));
    return { success: true, transaction, network, payer: from };
  }

  #faultOf({ paymentPayload, paymentRequirements: wanted }: Asked): string | undefined {
    const { network, payload, scheme } = paymentPayload;
    const { authorization, signature } = payload;
    const domain = domains[network];
    const { from, to, validAfter, validBefore, value } = authorization;
    if (scheme !== 'exact' || wanted.scheme !== 'exact') return 'unsupported_scheme';
    if (!domain || wanted.network !== network || wanted.asset !== domain.verifyingContract) return 'invalid_network';
    const signer = recovered(() => verifyTypedData(domain, TRANSFER, authorization, signature));
    if (signer?.toLowerCase() !== from.toLowerCase()) return 'invalid_exact_evm_payload_signature';
    if (to.toLowerCase() !== wanted.payTo.toLowerCase()) return 'invalid_exact_evm_payload_recipient_mismatch';
    const now = Date.now() / 1000;
    if (Number(validBefore) < now + 6) return 'invalid_exact_evm_payload_authorization_valid_before';
    if (Number(validAfter) > now) return 'invalid_exact_evm_payload_authorization_valid_after';
    if ((this.balances.get(from.toLowerCase()) ?? BigInt(value)) < BigInt(value)) return 'insufficient_funds';
    if (BigInt(value) < BigInt(wanted.maxAmountRequired)) return 'invalid_exact_evm_payload_authorization_value';
    return undefined;
  }
}

function recovered(recover: () => string): string | undefined {
  try {
    return recover();
  } catch {
    return undefined;
  }
}
