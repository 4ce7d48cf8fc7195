import { parseDataItemHeader } from '@bundler/ans104';
import { addressOf, isReceiptSigned, type Receipt } from '@bundler/client';

/** An item's header and the answer it got. */
export interface Answered {
  readonly header: Buffer;
  readonly body: string;
}

/** How many of the answers are no good receipts: another item's, another key's, or not signed. */
export async function countInvalid(answered: readonly Answered[], wallet: string): Promise<number> {
  const good = await Promise.all(answered.map((one) => isGood(one, wallet)));
  return good.filter((valid) => !valid).length;
}

async function isGood({ header, body }: Answered, wallet: string): Promise<boolean> {
  const receipt = JSON.parse(body) as Receipt;
  const id = parseDataItemHeader(header)?.id.toString('base64url');
  return receipt.id === id && (await addressOf(receipt.public)) === wallet && (await isReceiptSigned(receipt));
}
