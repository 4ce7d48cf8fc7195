import { figure, milliseconds } from '../report/format.ts';
import { perUpload } from '../report/per-upload.ts';
import type { UploadLevel } from './uploads.ts';

/** A level's figures on one line. @param signing S */
export function describeLevel(level: UploadLevel, signing: number): string {
  const { connections, load, payloadBytes, signer } = level;
  const { perSecond, cpuMs } = perUpload(level);
  const errors = Object.entries(load.answers).filter(([status]) => status !== '200');
  return [
    `${`${payloadBytes / 1024} KiB`.padStart(7)} ${signer.padEnd(7)} ${String(connections).padStart(3)} connections`,
    `${perSecond.toFixed(0).padStart(5)}/s = ${figure(perSecond / signing)} S`,
    `p50 ${milliseconds(load.p50)} p99 ${milliseconds(load.p99)} ms`,
    `CPU ${figure(cpuMs)} ms`,
    `groups of ${figure(level.groupSize)}`,
    errors.length > 0 ? `errors ${errors.map(([status, count]) => `${status}: ${count}`).join(' ')}` : 'no errors',
    load.ranOut ? 'ended early: no items left' : '',
    load.receiptsInvalid > 0 ? `${load.receiptsInvalid} of ${load.receiptsChecked} RECEIPTS INVALID` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
