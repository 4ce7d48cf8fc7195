import { mean, median, sum } from '../load/percentile.ts';
import { totalGrowth } from '../system/memory.ts';
import { figure, markdownTable, mib } from './format.ts';
import type { Judged } from './goals.ts';
import type { BenchResults } from './results.ts';
import { cpuTable, goalsTable, openTable, roundsTable, uploadsTable } from './tables.ts';

/** On a quiet machine S stays within this factor, and a signature's CPU within it of cores/S. */
const TRUSTED = 1.25;

/** What the figures were measured on and how, one fact a line. */
export function describeRun(results: BenchResults): string[] {
  const { machine, options, rawFastify, signing } = results;
  const { checked, invalid } = countReceipts(results);
  const rates = signing.map(({ perSecond }) => perSecond);
  const { postgres } = machine;
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`,
    `Node ${machine.node}, OpenSSL ${machine.openssl}, ${machine.redis}`,
    `PostgreSQL ${postgres.version}, fsync ${postgres.fsync}, synchronous_commit ${postgres.synchronousCommit}; the ` +
      'file-system store syncs before it answers',
    `${options.apis} API and ${options.workers} worker processes for small items, an API process for each core for large ` +
      'ones; load tool, PostgreSQL, both Redis and the development gateway share the cores with them',
    `S = ${figure(mean(rates))} RSA-4096-PSS signatures per second over all cores (mean of ${rates.length}, from ` +
      `${figure(Math.min(...rates))} to ${figure(Math.max(...rates))}); one costs ` +
      `${figure(mean(signing.map(({ cpuMs }) => cpuMs)))} ms CPU, and cores/S is ` +
      `${figure((machine.cores * 1000) / mean(rates))} ms${warning(results)}`,
    'shares of S, and CPU less a signature, are of S as it was just before and just after',
    `${checked} receipts checked, ${invalid} invalid`,
    ...(rawFastify ? [`raw Fastify, one process: ${figure(rawFastify.accepted / rawFastify.seconds)} requests/s`] : []),
  ];
}

/** What is said when the figures are not to be trusted: S moved while they were taken, or others used the cores. */
function warning({ machine, signing }: BenchResults): string {
  const rates = signing.map(({ perSecond }) => perSecond);
  const moved = Math.max(...rates) > TRUSTED * Math.min(...rates);
  const shared = signing.some(({ cpuMs, perSecond }) => (machine.cores * 1000) / perSecond > TRUSTED * cpuMs);
  return moved || shared ? '. THE MACHINE WAS NOT QUIET: milliseconds and MB/s are worse than on one that is' : '';
}

function countReceipts({ open = [], posted, uploads = [] }: BenchResults): { checked: number; invalid: number } {
  const loads = [...uploads, ...open, ...(posted ? [posted] : [])].map(({ load }) => load);
  return {
    checked: sum(loads.map(({ receiptsChecked }) => receiptsChecked)),
    invalid: sum(loads.map(({ receiptsInvalid }) => receiptsInvalid)),
  };
}

/** All figures as a page. */
export function markdownPage(results: BenchResults, judged: readonly Judged[]): string {
  const { large, open, planning, posted, prepare, uploads } = results;
  const sections = [
    `# Speed\n\nWritten by \`make bench\` on ${results.startedAt.slice(0, 10)}, from one run of ` +
      `${(results.seconds / 60).toFixed(1)} minutes. Figures of another machine differ; shares of S differ less.`,
    describeRun(results)
      .map((line) => `- ${line}`)
      .join('\n'),
    `## Goals\n\n${markdownTable(goalsTable(judged))}`,
  ];
  if (uploads) {
    sections.push(
      `## Small uploads, closed loop\n\n${markdownTable(uploadsTable(results))}`,
      `CPU per upload by part, milliseconds:\n\n${markdownTable(cpuTable(results))}`,
      `The rounds of which the goals take the middle:\n\n${markdownTable(roundsTable(results))}`,
    );
  }
  if (open) sections.push(`## 1 KiB RSA items by a fixed schedule\n\n${markdownTable(openTable(results))}`);
  if (large) {
    sections.push(
      `## Large uploads\n\n- ${large.payloadMib} MiB by one POST: ${figure(median(large.platform))} MB/s; received and ` +
        `hashed by a bare server: ${figure(median(large.bare))} MB/s\n- ten of ${large.ten.payloadMib} MiB at once: ` +
        `${figure(large.ten.megabytesPerSecond)} MB/s\n- growth of the API processes: ` +
        `${mib(totalGrowth(large.oneGrowth))} MiB for one, ${mib(totalGrowth(large.ten.growth))} MiB for ten`,
    );
  }
  const pipeline = [
    ...(prepare
      ? [
          `data root of ${mib(prepare.byteCount)} MiB: ${figure(median(prepare.dataRoot))} s; whole prepare: ` +
            `${figure(median(prepare.prepare))} s; the worker grew by ${mib(totalGrowth(prepare.growth))} MiB`,
        ]
      : []),
    ...(posted
      ? [
          `${figure(posted.acceptedPerSecond)} items/s accepted and ${figure(posted.postedPerSecond)} items/s posted ` +
            `meanwhile; all were posted ${figure(posted.restSeconds ?? Number.NaN)} s after the load`,
        ]
      : []),
    ...(planning
      ? [
          `planning ${planning.rows} items: ${figure(planning.planCpuMs)} ms CPU each; inserting their rows: ` +
            `${figure(planning.insertCpuMs)} ms CPU of PostgreSQL each`,
        ]
      : []),
  ];
  if (pipeline.length > 0) sections.push(`## Pipeline\n\n${pipeline.map((line) => `- ${line}`).join('\n')}`);
  return `${sections.join('\n\n')}\n`;
}
