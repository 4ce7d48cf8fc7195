import type { PlainTag } from '../tx/tags.ts';

/** A data item found in a mined bundle. Offsets are bytes from the start of the bundle. */
export interface DataItem {
  readonly id: string;
  /** Transaction that carries the bundle. */
  readonly bundle: string;
  readonly offset: number;
  readonly size: number;
  /** Where its payload starts; it ends with the item. */
  readonly dataOffset: number;
  readonly address: string;
  /** Address in base64url, or ''. */
  readonly target: string;
  readonly anchor: string;
  readonly tags: readonly PlainTag[];
}
