import type { Payment } from './port.ts';

/** Small items and listed signers are free; nothing else can be paid for. The options are read at each decision. */
export function freeOnlyPayment(options: {
  freeUploadLimit: number;
  allowListedAddresses: readonly string[];
}): Payment {
  const isFree = (nativeAddress: string, byteCount: number): boolean =>
    byteCount <= options.freeUploadLimit || options.allowListedAddresses.includes(nativeAddress);
  return {
    canAfford: async (nativeAddress, byteCount) => isFree(nativeAddress, byteCount),
    reserve: async (charge) => (isFree(charge.nativeAddress, charge.byteCount) ? { winc: '0' } : undefined),
  };
}
