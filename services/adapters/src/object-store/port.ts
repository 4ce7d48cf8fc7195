/** An object being written piece by piece. Nothing of it is visible before `commit` has resolved. */
export interface ObjectWriter {
  /**
   * Takes a piece over; resolves when more may be given (back-pressure). The piece is empty as soon as its bytes are written: its
   * memory is not left to the garbage collector.
   */
  write(piece: Buffer): Promise<void>;
  /** Makes the object durable under its key. */
  commit(): Promise<void>;
  /** Frees everything; safe at any time, also after a failed write. */
  abort(): Promise<void>;
}

export interface StoredObject {
  readonly key: string;
  readonly byteCount: number;
  /** Unix milliseconds. */
  readonly modifiedAt: number;
}

/** Bytes that were durable once are gone for good. */
export class ObjectDamaged extends Error {
  readonly key: string;
  /** Bytes of the object that can still be read, from its start. */
  readonly byteCount: number;

  constructor(key: string, byteCount: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
    this.byteCount = byteCount;
  }
}

/** The object is not there. */
export class ObjectNotFound extends ObjectDamaged {
  constructor(key: string, options?: ErrorOptions) {
    super(key, 0, `object ${key} is not in the object store`, options);
  }
}

/**
 * Immutable objects by key. A key is written once. Whatever `put` or `commit` has resolved for survives the loss of
 * power.
 */
export interface ObjectStore {
  /** Writes one object from pieces that are in memory. */
  put(key: string, pieces: readonly Buffer[]): Promise<void>;
  createWriter(key: string): Promise<ObjectWriter>;
  /**
   * Streams the bytes from `start` up to but not including `end`.
   * @throws ObjectNotFound, or ObjectDamaged when the object is shorter than asked for
   */
  read(key: string, start: number, end: number): AsyncIterable<Buffer>;
  /**
   * Like `read`, for whoever is done with a piece when it asks for the next one: then its memory may hold other bytes.
   * What is hashed by the gigabyte leaves no garbage behind so.
   */
  readTransient(key: string, start: number, end: number): AsyncIterable<Buffer>;
  /** Deletes an object; deleting one that is not there is fine. */
  delete(key: string): Promise<void>;
  /** Every object whose key starts with `prefix`, in no particular order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Frees what writers that died before `commit` or `abort` left behind, if it is older than `olderThanMs`. */
  sweepAbandoned(olderThanMs: number): Promise<number>;
  /** Rejects when the store cannot be used. */
  check(): Promise<void>;
  close(): Promise<void>;
}
