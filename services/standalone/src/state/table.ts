import type { State } from './state.ts';

/**
 * The state as a person reads it.
 *
 * @param obeyed the number of the configuration whose live settings a process obeys, by the process's name
 */
export function describeState(state: State, obeyed: ReadonlyMap<string, number> = new Map()): string {
  const parts = state.parts.map(({ name, phase, pid, restarts, detail }) => [name, phase, pid, restarts, detail]);
  const processes = state.processes.map(({ name, phase, pid, restarts, current, adminPort }) => [
    name,
    phase,
    pid,
    restarts,
    [
      ...(adminPort ? [`admin port ${adminPort}`] : []),
      ...(obeyed.has(name) ? [`settings of configuration ${obeyed.get(name)}`] : []),
      ...(current ? [] : ['version before']),
    ].join(', '),
  ]);
  return [
    table(['PART', 'STATE', 'PID', 'RESTARTS', ''], [...parts, ...processes]),
    '',
    ...facts(state),
    ...state.deployments.flatMap(({ name, refused }) =>
      refused ? [`REFUSED ${name}: ${refused}; the version before is kept. See "make logs NAME=${name}"`] : [],
    ),
    ...refusal(state),
  ].join('\n');
}

function facts({ supervisor, startedAt, revision, overridden, urls }: State): string[] {
  return [
    `Supervisor     pid ${supervisor.pid}, since ${startedAt}`,
    `Configuration  ${revision ? `${revision.number} (${revision.hash}), in effect since ${revision.since}` : 'none yet'}`,
    ...(overridden.length > 0
      ? [`Environment    stands over the file for ${overridden.join(', ')}; "make down" forgets it`]
      : []),
    ...(urls.upload ? [`Upload API     ${urls.upload}`] : []),
    ...(urls.payment ? [`Payment        ${urls.payment}`] : []),
    ...(urls.admin ? [`Admin service  ${urls.admin} (its key is in admin-key of the data directory)`] : []),
    `Gateway        ${urls.gateway}`,
  ];
}

function refusal({ refusal }: State): string[] {
  if (!refusal) return [];
  return [
    '',
    `REFUSED at ${refusal.at}; the last good configuration stays:`,
    ...refusal.problems.map((line) => `  ${line}`),
  ];
}

function table(header: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => String(cell ?? '-')));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
