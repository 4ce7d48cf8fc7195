/** Why bytes are not a data item. Stable: callers map it to answers and metrics. */
export type DataItemErrorCode =
  | 'unknown_signature_type'
  | 'invalid_target_flag'
  | 'invalid_anchor_flag'
  | 'too_many_tags'
  | 'too_many_tag_bytes'
  | 'invalid_tags'
  | 'tag_name_too_long'
  | 'tag_value_too_long'
  | 'invalid_owner'
  | 'invalid_target'
  | 'invalid_anchor'
  | 'truncated';

/** Bytes (or parts given for signing) that cannot be an ANS-104 data item. */
export class DataItemError extends Error {
  readonly code: DataItemErrorCode;

  constructor(code: DataItemErrorCode, message: string) {
    super(message);
    this.name = 'DataItemError';
    this.code = code;
  }
}

/** Why bytes are not a bundle header, or why one cannot be written. */
export type BundleHeaderErrorCode = 'too_many_items' | 'number_too_large' | 'invalid_item_id' | 'invalid_item_size';

/** A bundle header that cannot be read or written. */
export class BundleHeaderError extends Error {
  readonly code: BundleHeaderErrorCode;

  constructor(code: BundleHeaderErrorCode, message: string) {
    super(message);
    this.name = 'BundleHeaderError';
    this.code = code;
  }
}
