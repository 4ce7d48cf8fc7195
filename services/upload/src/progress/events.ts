import { type Progress, type ProgressStage, progressStages } from '@bundler/contract';

/** What a client has seen last, as much of it as the id of an event says. */
export type Seen = Pick<Progress, 'stage' | 'receivedByteCount'>;

const path: readonly ProgressStage[] = progressStages.filter((stage) => stage !== 'failed');

/** Nothing comes after it. */
export const isFinal = ({ stage }: Seen): boolean => stage === 'permanent' || stage === 'failed';

/**
 * What to tell somebody who saw `seen` last. Stages that passed while nobody looked are told too, each once and in their
 * order: one that is posted was planned. What went back (its bundle failed) is told as it is now.
 */
export function eventsAfter(seen: Seen | undefined, now: Progress): readonly Progress[] {
  if (seen === undefined || now.stage === 'failed') return seen?.stage === 'failed' ? [] : [now];
  if (seen.stage === now.stage) {
    return (now.receivedByteCount ?? 0) > (seen.receivedByteCount ?? 0) && now.stage === 'receiving' ? [now] : [];
  }
  const [from, to] = [path.indexOf(seen.stage), path.indexOf(now.stage)];
  if (from === -1 || to < from) return [now];
  const { id, totalByteCount } = now;
  const size = totalByteCount === undefined ? {} : { totalByteCount };
  return [...path.slice(from + 1, to).map((stage) => ({ id, stage, ...size })), now];
}

/** The text of one event. Its id says all that is needed to go on from it, so any process can. */
export function formatEvent(progress: Progress): string {
  const { stage, receivedByteCount } = progress;
  const id = stage === 'receiving' ? `${stage}:${receivedByteCount ?? 0}` : stage;
  return `id: ${id}\nevent: progress\ndata: ${JSON.stringify(progress)}\n\n`;
}

/** Reads a Last-Event-ID; undefined when it is none of ours. */
export function parseEventId(text: string | undefined): Seen | undefined {
  const match = /^([a-z]+)(?::([0-9]{1,15}))?$/.exec(text ?? '');
  const stage = progressStages.find((known) => known === match?.[1]);
  return stage && { stage, ...(match?.[2] ? { receivedByteCount: Number(match[2]) } : {}) };
}
