import type { DrillResults } from './drill.ts';

/** The results of a run in which some faults were caused again: theirs count now, and those of the others stay. */
export function withRepeated(before: DrillResults, again: DrillResults): DrillResults {
  const repeated = new Map(again.faults.map((result) => [result.fault.name, result]));
  const kept = before.faults.map((result) => {
    const newer = repeated.get(result.fault.name);
    repeated.delete(result.fault.name);
    return newer ?? result;
  });
  return {
    faults: [...kept, ...repeated.values()],
    calm: [...new Set([...before.calm, ...again.calm])],
    heartbeats: before.heartbeats + again.heartbeats,
    longestSilence: Math.max(before.longestSilence, again.longestSilence),
    brokenLinks: [...new Set([...before.brokenLinks, ...again.brokenLinks])],
    began: [...before.began, ...again.began],
    minutes: before.minutes + again.minutes,
    machines: [...new Set([...before.machines, ...again.machines])],
    loadAverage: Math.max(before.loadAverage, again.loadAverage),
  };
}
