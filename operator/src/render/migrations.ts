import type { SpecConfig } from '@bundler/contract';
import { renderEnv } from './env.ts';
import type { Facts } from './facts.ts';
import { TEMPLATE_HASH } from './hash.ts';
import { metadata } from './labels.ts';
import type { Job } from './manifest.ts';
import { MIGRATIONS_COMPONENT, migrationName } from './names.ts';
import { podAdditions } from './pod-additions.ts';
import { podTemplate } from './program.ts';

/** Tries before a person has to look; each leaves its pod, and so its log. */
const TRIES_AFTER_THE_FIRST = 3;

/** How long a finished Job stays, with its log. */
const KEPT_SECONDS = 86_400;

const RESOURCES = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } };

/**
 * The Job that brings the schema up to date before a new version starts. A Job's pods can never be changed, so its name
 * carries their hash: another version is another Job.
 */
export function migrationJob(config: SpecConfig, facts: Facts): Job {
  return schemaJob('', 'services/workers/src/migrate.ts', 'migrations', config, facts);
}

/** The same for one of the databases. @param whose '' for the upload side's */
export function schemaJob(
  whose: '' | 'payment',
  script: string,
  role: 'migrations' | 'paymentMigrations',
  config: SpecConfig,
  facts: Facts,
): Job {
  const program = {
    component: MIGRATIONS_COMPONENT,
    command: ['node', script],
    env: renderEnv(role, config, facts),
    resources: RESOURCES,
    additions: podAdditions(undefined, config),
    container: {},
    pod: { restartPolicy: 'Never' },
  };
  // A rotated password does not change a schema: the digests of Secrets stay out of it.
  const unaware = facts.cluster ? { ...facts, cluster: { ...facts.cluster, secretDigests: {} } } : facts;
  const template = podTemplate(program, config, unaware);
  const hash = template.metadata.annotations[TEMPLATE_HASH] ?? '';
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(facts, migrationName(facts.name, hash, whose), MIGRATIONS_COMPONENT),
    spec: { backoffLimit: TRIES_AFTER_THE_FIRST, ttlSecondsAfterFinished: KEPT_SECONDS, template },
  };
}
