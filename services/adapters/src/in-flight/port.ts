/** Holds an item for one upload. Every call may fail silently: a mark that is lost costs a second upload, never a row. */
export interface Mark {
  /** Lets the mark last for so long from now on. */
  renew(ttlMs: number): Promise<void>;
  release(): Promise<void>;
}

/** Marks the items that are being uploaded, for all processes to see. */
export interface InFlightMarks {
  /**
   * Marks an item for this upload, atomically.
   *
   * @returns its mark; `taken` while another upload holds it; undefined when nobody can tell
   */
  claim(id: string, ttlMs: number): Promise<Mark | 'taken' | undefined>;
  close(): Promise<void>;
}
