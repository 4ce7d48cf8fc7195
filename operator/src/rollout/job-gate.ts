import { failed, type Gate, type LiveJob, passed, waiting } from './gate.ts';

/** Whether a Job is done. */
export function jobGate(name: string, live: LiveJob | undefined): Gate {
  if (!live) return waiting('NotCreated', `Job ${name} does not exist yet`);
  const holds = (type: string) =>
    live.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
  if (holds('Complete')) return passed;
  const failure = holds('Failed');
  if (!failure) return waiting('Migrating', `Job ${name} is running`);
  return failed(
    'MigrationFailed',
    `Job ${name} failed: ${failure.message ?? failure.reason ?? 'no reason given'}; see its pods' log`,
  );
}
