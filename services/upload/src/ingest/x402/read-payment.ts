import { ApiError, X402Payment } from '@bundler/contract';
import { Value } from 'typebox/value';

/** Reads the header `X-PAYMENT`. @throws ApiError `malformed_payment` */
export function readPayment(header: string | readonly string[]): X402Payment {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(String(header), 'base64').toString());
  } catch (cause) {
    throw new ApiError('malformed_payment', { detail: 'It must be JSON in base64.', cause });
  }
  if (Value.Check(X402Payment, read)) return Value.Clean(X402Payment, read) as X402Payment;
  const [first] = Value.Errors(X402Payment, read);
  throw new ApiError('malformed_payment', { detail: first ? `${first.instancePath} ${first.message}.` : '' });
}
