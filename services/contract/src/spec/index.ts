export { defaultSpec } from './default.ts';
export { bundlerConfigKind } from './document.ts';
export { overrideFromEnv } from './override.ts';
export { valueAt, withValueAt } from './paths.ts';
export { readSpec, type SpecConfig, type SpecReading } from './read.ts';
export { specSchema } from './schema.ts';
