import { randomBytes } from 'node:crypto';
import type { X402Payment, X402Requirements } from '@bundler/contract';
import { Wallet } from '@ethersproject/wallet';

/** What payers of USDC sign (EIP-3009). */
export const TRANSFER = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
};

interface Domain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: string;
}

/** What USDC is on its chains. */
export const domains: Readonly<Record<string, Domain>> = {
  base: {
    name: 'USD Coin',
    version: '2',
    chainId: 8453,
    verifyingContract: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  },
  'base-sepolia': {
    name: 'USDC',
    version: '2',
    chainId: 84_532,
    verifyingContract: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  },
};

type Authorization = X402Payment['payload']['authorization'];

/** A payer who pays what is asked for. */
export class TestPayer {
  readonly #wallet: Wallet;

  constructor(privateKey = `0x${randomBytes(32).toString('hex')}`) {
    this.#wallet = new Wallet(privateKey);
  }

  get address(): string {
    return this.#wallet.address;
  }

  get privateKey(): string {
    return this.#wallet.privateKey;
  }

  /** Signs what is required; `changed` is what is signed instead. */
  async pay(required: X402Requirements, changed: Partial<Authorization> = {}): Promise<X402Payment> {
    const now = Math.floor(Date.now() / 1000);
    const authorization = {
      from: this.address,
      to: required.payTo,
      value: required.maxAmountRequired,
      validAfter: String(now - 600),
      validBefore: String(now + required.maxTimeoutSeconds),
      nonce: `0x${randomBytes(32).toString('hex')}`,
      ...changed,
    };
    const domain = { ...domains[required.network]!, ...required.extra, verifyingContract: required.asset };
    // oxlint-disable-next-line eslint/no-underscore-dangle -- that is its name in ethers 5.
    const signature = await this.#wallet._signTypedData(domain, TRANSFER, authorization);
    return { x402Version: 1, scheme: 'exact', network: required.network, payload: { signature, authorization } };
  }
}

/** A payment as it stands in `X-PAYMENT`. */
export const paymentHeader = (payment: unknown): string => Buffer.from(JSON.stringify(payment)).toString('base64');
