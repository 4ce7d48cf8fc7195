import { figure, milliseconds } from '../report/format.ts';
import { besideSigning, perUpload } from '../report/per-upload.ts';
import type { UploadRound } from './uploads.ts';

/** A round's figures on one line. */
export function describeRound(round: UploadRound): string {
  const { connections, load, payloadBytes, signer } = round;
  const { cpuMs, perSecond } = perUpload(round);
  const { cpuLessSignatureMs, shareOfS } = besideSigning(round);
  const errors = Object.entries(load.answers).filter(([status]) => status !== '200');
  return [
    `${`${payloadBytes / 1024} KiB`.padStart(7)} ${signer.padEnd(7)} ${String(connections).padStart(3)} connections`,
    `${perSecond.toFixed(0).padStart(5)}/s = ${figure(shareOfS)} S`,
    `p50 ${milliseconds(load.p50)} p99 ${milliseconds(load.p99)} ms`,
    `CPU ${figure(cpuMs)} ms, ${figure(cpuLessSignatureMs)} less one signature`,
    `groups of ${figure(round.groupSize)}`,
    errors.length > 0 ? `errors ${errors.map(([status, count]) => `${status}: ${count}`).join(' ')}` : 'no errors',
    load.ranOut ? 'ended early: no items left' : '',
    load.receiptsInvalid > 0 ? `${load.receiptsInvalid} of ${load.receiptsChecked} RECEIPTS INVALID` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
