import type { ProgressBoard } from '@bundler/adapters';

/** Uploads that are quicker are not reported: nobody could follow them, and they shall pay nothing for it, milliseconds. */
const QUIET_MS = 1000;
/** Least time between two reports of one upload, milliseconds. */
const EVERY_MS = 250;

/** Reports how far one upload is. */
export interface UploadReporter {
  received(byteCount: number): void;
  /** All its bytes are in the object store. */
  stored(): void;
  /** Nothing of it was kept. */
  dropped(): void;
}

/** Tells all processes how far the uploads are that this one receives. */
export class UploadReports {
  readonly #board: Pick<ProgressBoard, 'write' | 'remove'>;
  readonly #clock: () => number;

  constructor(board: Pick<ProgressBoard, 'write' | 'remove'>, clock: () => number) {
    this.#board = board;
    this.#clock = clock;
  }

  begin(itemId: Buffer, totalByteCount: number | undefined): UploadReporter {
    const id = itemId.toString('base64url');
    const startedAt = this.#clock();
    let reportedAt: number | undefined;
    let received = 0;
    return {
      received: (byteCount) => {
        received = byteCount;
        const now = this.#clock();
        if (now - startedAt < QUIET_MS || (reportedAt !== undefined && now - reportedAt < EVERY_MS)) return;
        reportedAt = now;
        this.#board.write(id, { stage: 'receiving', receivedByteCount: byteCount, totalByteCount });
      },
      stored: () => {
        if (reportedAt === undefined) return;
        this.#board.write(id, { stage: 'stored', receivedByteCount: received, totalByteCount: received });
      },
      dropped: () => {
        if (reportedAt !== undefined) this.#board.remove(id);
      },
    };
  }
}
