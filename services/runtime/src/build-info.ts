import { readFileSync } from 'node:fs';
import type { Component } from '@bundler/contract';
import type { Gauge } from 'prom-client';

/** What the images say of themselves. */
interface ImageFacts {
  readonly BUNDLER_VERSION?: string;
  readonly BUNDLER_COMMIT?: string;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/**
 * Reports what this process was built from.
 *
 * @param env usually `process.env`; outside of an image, where nothing is said, it is the version of the sources
 */
export function reportBuild(gauge: Gauge, component: Component, env: ImageFacts): void {
  const { BUNDLER_VERSION = version, BUNDLER_COMMIT: commit = 'unknown' } = env;
  gauge.set({ component, version: BUNDLER_VERSION, commit, node: process.version }, 1);
}
