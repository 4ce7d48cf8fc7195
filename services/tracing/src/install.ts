import { provideTracing } from '@bundler/runtime';
import { register } from 'import-in-the-middle/register-hooks.mjs';
import { createInstrumentations, patchedPackages } from './instrumentations.ts';
import { openTelemetry } from './open-telemetry.ts';

// Only what is patched goes through the hook: with every module in it, a start takes several times as long.
register({ include: [...patchedPackages] });
createInstrumentations();
provideTracing(openTelemetry);
