import { percentile } from '../bench/load/percentile.ts';
import { markdownTable } from '../bench/report/format.ts';
import type { Judgement, SoakResults } from './figures/verdict.ts';

/** What was done and measured, one fact a line. */
export function describeSoak(results: SoakResults, machine: string): string[] {
  const { actions, configs, installEach, latency, memory, quiet, restarted } = results;
  const done = Object.entries(actions).map(([name, count]) => `${count} × ${name}`);
  const spread = (values: readonly number[], unit: string): string =>
    [0.5, 0.95, 0.99, 1].map((share) => percentile(values, share).toFixed(unit === 's' ? 1 : 0)).join(' / ') +
    ` ${unit} (p50 / p95 / p99 / most)`;
  const grows = ({ mean, slope }: SoakResults['memory']['heap']): string =>
    `${mean.toFixed(1)} MiB on average, ${slope.perHour.toFixed(2)} ± ${slope.error.toFixed(2)} MiB/h`;
  return [
    machine,
    `The real process of the operator with the rights of its chart, on a real etcd and kube-apiserver with the garbage collector of kube-controller-manager; the nodes are played`,
    `${configs} BundlerConfigs stood all the time; each was rolled out after ${spread(installEach, 's')}, all at once`,
    `${results.minutes.toFixed(1)} minutes of churn: ${done.join(', ')}; ${results.edits} generations, ${results.missed.length} missed; ${results.failedReconciles} reconciliations failed and were repeated`,
    `From an edit to its generation reconciled: ${spread(latency.seen, 'ms')}`,
    `From an edit to everything rolled out: ${spread(latency.settled, 'ms')}`,
    `From what others changed or deleted to it set right: ${spread(latency.repaired, 'ms')}`,
    `Memory from ${results.samples} samples, one every 5 s, without the first ${results.warmUpMinutes.toFixed(1)} minutes; slopes by least squares, ± one standard error; ${results.cachedObjects} objects in its caches`,
    `Heap in use, least of each minute: ${grows(memory.heapFloor)}`,
    `Heap in use, all samples: ${grows(memory.heap)}`,
    `Resident: ${grows(memory.resident)}`,
    `Quiet: ${quiet.reconciles} reconciliations in ${quiet.seconds.toFixed(0)} s, ${told(quiet)}. Counted by the API server, of whoever writes; Leases are not counted`,
    `A restart of the operator: ${restarted.reconciles} reconciliations, ${restarted.changed.length} objects with another version (${told(restarted)}: a process that knows nothing applies each manifest once, and an apply that changes nothing makes no version)`,
    ...[...results.missed, ...results.notRepaired, ...restarted.changed, ...quiet.changed].map(
      (what) => `NOT DONE: ${what}`,
    ),
  ];
}

const told = ({ writes, what }: SoakResults['quiet']): string =>
  writes === 0 ? 'no write' : `${writes} requests to write: ${what.join(', ')}`;

export function verdictTable(judged: readonly Judgement[]): string[][] {
  const rows = judged.map(({ name, goal, measured, met }) => [name, goal, measured, met ? 'met' : 'NOT met']);
  return [['', 'goal', 'measured', 'verdict'], ...rows];
}

/** All figures as a page. */
export function markdownPage(results: SoakResults, judged: readonly Judgement[], machine: string): string {
  const wanted = 60;
  const short =
    results.minutes < wanted - 1
      ? ` \`make soak\` takes ${wanted} minutes unless SOAK_MINUTES says otherwise; over a shorter time the same noise makes a steeper slope.`
      : '';
  const sections = [
    `# Soak of the operator\n\nWritten by \`make soak\` on ${results.startedAt.slice(0, 10)}, from one run with ${results.minutes.toFixed(1)} minutes of churn.${short}`,
    markdownTable(verdictTable(judged)),
    describeSoak(results, machine)
      .map((line) => `- ${line}`)
      .join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}
