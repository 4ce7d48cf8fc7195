import {
  type ErrorCode,
  outcomeOfError,
  signatureTypeNames,
  sizeCategory,
  type UploadOutcome,
  type UploadStage,
  uploadStages,
} from '@bundler/contract';
import { type Metrics, observeTraced } from '@bundler/runtime';

/** What counts uploads. */
export type UploadCounters = Pick<
  Metrics,
  'uploadLatency' | 'uploadRequests' | 'uploadErrors' | 'uploadBytes' | 'uploadInFlight' | 'uploadStages'
>;

/** Made once: an upload should leave no garbage behind for being counted. */
const stageLabels = Object.fromEntries(uploadStages.map((stage) => [stage, { stage }])) as Record<
  UploadStage,
  { stage: UploadStage }
>;

/** Counts an upload that was refused before anything of it was read. */
export function countRefused({ uploadErrors, uploadRequests }: UploadCounters, code: ErrorCode): void {
  uploadErrors.inc({ code });
  uploadRequests.inc({ outcome: outcomeOfError(code), sig_type: 'unknown' });
}

/** What is measured of one upload, from its first byte to its answer. */
export class UploadRecord {
  readonly #metrics: UploadCounters;
  readonly #startedAt = performance.now();
  readonly #inFlight: { readonly size_category: string };
  #stageStartedAt = this.#startedAt;
  #signatureType: keyof typeof signatureTypeNames | undefined;

  /** @param declaredByteCount what the client says that it will send, undefined when it says nothing */
  constructor(metrics: UploadCounters, declaredByteCount: number | undefined) {
    this.#metrics = metrics;
    this.#inFlight = { size_category: declaredByteCount === undefined ? 'unknown' : sizeCategory(declaredByteCount) };
    metrics.uploadInFlight.inc(this.#inFlight);
  }

  /** How its item is signed, as soon as that is known. */
  signedWith(signatureType: keyof typeof signatureTypeNames): void {
    this.#signatureType = signatureType;
  }

  /** A stage has ended: it took the time since the one before. */
  ended(stage: UploadStage): void {
    const now = performance.now();
    this.#metrics.uploadStages.observe(stageLabels[stage], (now - this.#stageStartedAt) / 1000);
    this.#stageStartedAt = now;
  }

  /** Measures a stage that runs beside another one. */
  async beside<Result>(stage: UploadStage, work: Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await work;
    this.#metrics.uploadStages.observe(stageLabels[stage], (performance.now() - startedAt) / 1000);
    return result;
  }

  /** It has its receipt. */
  succeeded({ byteCount, duplicate }: { readonly byteCount: number; readonly duplicate: boolean }): void {
    const size = { size_category: sizeCategory(byteCount) };
    observeTraced(this.#metrics.uploadLatency, size, (performance.now() - this.#startedAt) / 1000);
    if (!duplicate) this.#metrics.uploadBytes.inc(size, byteCount);
    this.#count(duplicate ? 'duplicate' : 'ok');
  }

  failed(code: ErrorCode): void {
    this.#metrics.uploadErrors.inc({ code });
    this.#count(outcomeOfError(code));
  }

  /** Its answer is there, whatever it is. */
  closed(): void {
    this.#metrics.uploadInFlight.dec(this.#inFlight);
  }

  #count(outcome: UploadOutcome): void {
    const type = this.#signatureType;
    this.#metrics.uploadRequests.inc({ outcome, sig_type: type === undefined ? 'unknown' : signatureTypeNames[type] });
  }
}
