import type { Payer, Payment } from './port.ts';

/** Small items and listed signers are free; nothing else can be paid for. The options are read at each decision. */
export function freeOnlyPayment(options: {
  freeUploadLimit: number;
  allowListedAddresses: readonly string[];
}): Payment {
  const isFree = ({ nativeAddress, overFreeQuota = false }: Payer, byteCount: number): boolean =>
    (byteCount <= options.freeUploadLimit && !overFreeQuota) || options.allowListedAddresses.includes(nativeAddress);
  return {
    canAfford: async (payer, byteCount) => isFree(payer, byteCount),
    reserve: async (charge) => (isFree(charge.payer, charge.byteCount) ? { winc: '0' } : undefined),
  };
}
