/** Small programs for the EVM, written in its own instructions. */

const TRANSFER = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const word = (digits: string): string => digits.toLowerCase().padStart(64, '0');

/**
 * A token that says of every call that it has moved what the call asks for, from the caller: the event `Transfer`, then
 * the answer `true`. It keeps no balances.
 */
export const token = [
  '0x',
  '602435600052', // memory 0 = second argument, the amount
  '600435', // the recipient
  '33', // the caller
  `7f${TRANSFER}`,
  '60206000a3', // LOG3 of 32 bytes of memory
  '600160005260206000f3', // return 1
].join('');

/** Sends what it gets on to an address. */
export const forwarder = (to: string): string =>
  `0x600060006000600034${word(to.slice(2)).replace(/^0{24}/, '73')}5af100`;

/** Refuses whatever it is asked. */
export const refusing = '0x60006000fd';

/** A call of ERC-20's `transfer`, with bytes behind its arguments. */
export const transferCall = (to: string, amount: bigint, memo = ''): string =>
  `0xa9059cbb${word(to.slice(2))}${word(amount.toString(16))}${Buffer.from(memo).toString('hex')}`;

/** A call of ERC-20's `transferFrom`. */
export const transferFromCall = (from: string, to: string, amount: bigint): string =>
  `0x23b872dd${word(from.slice(2))}${word(to.slice(2))}${word(amount.toString(16))}`;
