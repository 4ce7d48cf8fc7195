/** Every error that a client can meet. The text is the body of the answer: clients show it to people. */
export const errors = {
  unsupported_content_type: { status: 400, message: 'Content-Type must be application/octet-stream.' },
  unparsable_data_item: { status: 400, message: 'Data item parsing error!' },
  invalid_data_item: { status: 400, message: 'Invalid Data Item! Its signature does not match its content.' },
  invalid_tags: { status: 400, message: 'The tags are not valid.' },
  invalid_request: { status: 400, message: 'The request is not valid.' },
  incomplete_body: { status: 400, message: 'The request ended before all of its body had arrived.' },
  malformed_payment: { status: 400, message: 'X-PAYMENT is no payment of version 1 of x402.' },
  payment_network_off: { status: 400, message: 'Payments on this network are not taken.' },
  invalid_part: { status: 400, message: 'The part does not fit into this upload.' },
  parts_missing: { status: 400, message: 'Parts are missing or overlap; send them and finalize again.' },
  upload_closed: { status: 400, message: 'The upload takes no more parts.' },
  invalid_approved_address: { status: 400, message: 'Invalid approved address' },
  approval_ended: {
    status: 400,
    message: 'The data item has made an approval before, which has ended or was another one.',
  },
  approval_refused: { status: 400, message: 'Unable to create delegated payment approval :' },
  revocation_refused: { status: 400, message: 'Unable to revoke delegated payment approval !' },
  not_authorized: { status: 401, message: 'Only services of this platform may ask for this.' },
  webhook_not_signed: { status: 400, message: 'The message does not bear a valid signature of Stripe.' },
  promo_code_refused: { status: 400, message: 'The promo code takes nothing off this payment:' },
  no_promo_code: { status: 400, message: 'No promo code found with code' },
  admin_key_required: { status: 401, message: 'A key of the admin service is required.' },
  insufficient_balance: { status: 402, message: 'Insufficient balance' },
  invalid_payment: { status: 402, message: 'The payment was not taken.' },
  free_quota_used: {
    status: 402,
    message: 'Insufficient balance: the bytes that your address may send for free are used up for now.',
  },
  bad_signature: { status: 403, message: 'The signature of the request is not valid.' },
  excluded_sender: { status: 403, message: 'Transactions of this sender are not credited.' },
  blocked: { status: 403, message: 'Requests from this address are not accepted.' },
  blocked_owner: { status: 403, message: 'Data items of this signer are not accepted.' },
  invalid_destination: { status: 403, message: 'That is no address that credits could be given to.' },
  account_flagged: {
    status: 403,
    message: 'No cards are taken for this address, because a payment for it was disputed.',
  },
  cards_off: { status: 403, message: 'No cards are taken here: this service has no key of Stripe.' },
  gifts_off: { status: 403, message: 'No gifts are sold here: this service cannot send e-mails.' },
  raw_uploads_off: { status: 403, message: 'Uploads of unsigned data are not accepted.' },
  transaction_not_found: { status: 404, message: 'Transaction not found' },
  user_not_found: { status: 404, message: 'User Not Found' },
  not_found: { status: 404, message: 'Not found.' },
  request_timeout: { status: 408, message: 'The request took too long to arrive.' },
  x402_contradiction: { status: 409, message: 'That contradicts what is known of the payment:' },
  length_required: { status: 411, message: 'Content-Length is required.' },
  data_item_too_large: { status: 413, message: 'The data item is larger than this service accepts.' },
  body_too_large: { status: 413, message: 'The body is larger than this route reads.' },
  too_many_uploads: { status: 503, message: 'Too many multipart uploads are open; try again later.' },
  still_finalizing: { status: 503, message: 'The upload is still being verified; ask again shortly.' },
  rate_limited: { status: 429, message: 'Too many requests; slow down.' },
  overloaded: { status: 503, message: 'The service is busy; try again shortly.' },
  unavailable: { status: 503, message: 'The service cannot store uploads right now; try again shortly.' },
  payment_unavailable: { status: 503, message: 'The price cannot be reserved right now; try again shortly.' },
  chain_unavailable: {
    status: 503,
    message: 'The chain cannot be asked about the transaction right now; try again shortly.',
  },
  cards_unavailable: { status: 503, message: 'Stripe cannot be asked right now; try again shortly.' },
  price_unavailable: { status: 503, message: 'Prices cannot be told right now; try again shortly.' },
  internal: { status: 500, message: 'Something went wrong on our side.' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof errors;

/** Answers of a service that works as it should and has more to do than it can, or leaves a broken neighbour alone. */
export const shedCodes = ['overloaded', 'payment_unavailable', 'too_many_uploads'] as const satisfies ErrorCode[];

/** Whether an error only refuses what cannot be served now. */
export const isShed = (code: ErrorCode): code is (typeof shedCodes)[number] =>
  (shedCodes as readonly ErrorCode[]).includes(code);

/** An error with a code of the catalogue; `detail` is added to the text and must be safe to show. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Seconds after which a retry makes sense; sent as Retry-After. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, options: { detail?: string; cause?: unknown; retryAfter?: number } = {}) {
    const text = errors[code].message;
    super(options.detail ? `${text} ${options.detail}` : text, { cause: options.cause });
    this.code = code;
    this.status = errors[code].status;
    this.retryAfter = options.retryAfter;
  }
}
