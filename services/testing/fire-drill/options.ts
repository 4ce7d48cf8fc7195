import { type Fault, faults } from './faults/index.ts';

/** The faults that ONLY names, separated by commas; all, if it names none. @throws Error for a name that none has */
export function chooseFaults(only: string | undefined): readonly Fault[] {
  const names = (only ?? '').split(',').filter(Boolean);
  const unknown = names.find((name) => !faults.some((fault) => fault.name === name));
  if (unknown !== undefined) {
    throw new Error(
      `ONLY=${only}: there is no fault ${unknown}; there are ${faults.map(({ name }) => name).join(', ')}`,
    );
  }
  return names.length === 0 ? faults : faults.filter(({ name }) => names.includes(name));
}
