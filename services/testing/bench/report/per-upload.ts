import { median } from '../load/percentile.ts';
import type { PaidResult } from '../parts/paid.ts';
import type { UploadLevel, UploadRound } from '../parts/uploads.ts';
import { type CpuByGroup, totalCpu } from '../system/cpu.ts';

/** A level's figures for one upload. */
export interface PerUpload {
  readonly perSecond: number;
  /** CPU of all processes but the load tool, milliseconds. */
  readonly cpuMs: number;
  /** The same without the development gateway, which stands for the network. */
  readonly cpuWithoutGatewayMs: number;
  /** CPU of each part of the platform, milliseconds. */
  readonly cpuMsByPart: CpuByGroup;
}

export function perUpload({ cpu, load }: Pick<UploadLevel, 'cpu' | 'load'>): PerUpload {
  const milliseconds = (seconds: number): number => (seconds * 1000) / load.accepted;
  return {
    perSecond: load.accepted / load.seconds,
    cpuMs: milliseconds(totalCpu(cpu)),
    cpuWithoutGatewayMs: milliseconds(totalCpu(cpu) - (cpu.gateway ?? 0)),
    cpuMsByPart: Object.fromEntries(Object.entries(cpu).map(([part, seconds]) => [part, milliseconds(seconds)])),
  };
}

/** How many paid uploads there are in the time of one free one, of the medians. */
export function paidOfFree({ free, paid }: PaidResult): number {
  const rate = (levels: readonly UploadLevel[]): number => median(levels.map((level) => perUpload(level).perSecond));
  return rate(paid) / rate(free);
}

/** What an upload is beside a signature, S being what it was at the time. */
export interface BesideSigning {
  /** Uploads a second over S. */
  readonly shareOfS: number;
  /** CPU of all processes but the load tool, less that of the receipt's signature, milliseconds. */
  readonly cpuLessSignatureMs: number;
  /** The same without the development gateway. */
  readonly cpuLessGatewayMs: number;
}

/**
 * The signature's CPU is what the signing process itself was charged. On a quiet machine it is cores/S; when others use
 * the cores too, cores/S counts their time as well and would flatter what is left.
 */
export function besideSigning(round: Pick<UploadRound, 'cpu' | 'load' | 'signing'>): BesideSigning {
  const { cpuMs, cpuWithoutGatewayMs, perSecond } = perUpload(round);
  return {
    shareOfS: perSecond / round.signing.perSecond,
    cpuLessSignatureMs: cpuMs - round.signing.cpuMs,
    cpuLessGatewayMs: cpuWithoutGatewayMs - round.signing.cpuMs,
  };
}
