import { type LegacyName, type MetricDefinition, metrics, sharedNames, unmatchedNames } from '@bundler/contract';
import { code, table } from './markdown.ts';

const introduction = `[ar-io-bundler](https://github.com/ar-io/ar-io-bundler) and
[turbo-upload-service](https://github.com/ardriveapp/turbo-upload-service) have other names for some of these figures. With
\`METRICS_LEGACY_NAMES\` (\`observability.metrics.legacyNames\`) they are served under those too, for dashboards that were made for them. A metric
has such a name only where both mean the same, and of its series those that have one of the values listed here.

OpenMetrics wants every counter to end in \`_total\`. Where a legacy name does not, its type is \`unknown\` there, so that the name stays what it is.`;

function aliases(): string {
  const definitions: readonly MetricDefinition[] = Object.values(metrics);
  const rows = definitions.flatMap(({ legacy = [], name, type }) =>
    legacy.map((alias) => [code(alias.name), type, counted(name, alias), labelsOf(alias)]),
  );
  return table(['Legacy name', 'Type', 'What it counts', 'Labels'], rows);
}

function counted(name: string, { only = {} }: LegacyName): string {
  const matchers = Object.entries(only).map(([label, value]) => `${label}="${value}"`);
  return code(matchers.length > 0 ? `${name}{${matchers.join(',')}}` : name);
}

function labelsOf({ labels = {} }: LegacyName): string {
  return Object.entries(labels)
    .map(([label, { from, values = {} }]) => {
      const listed = Object.entries(values).map(([ours, theirs]) =>
        ours === theirs ? code(ours) : `${code(ours)} as ${code(theirs)}`,
      );
      return `${code(label)}: ${code(from)}${listed.length > 0 ? `, of which ${listed.join(', ')}` : ''}`;
    })
    .join('; ');
}

const shared = (): string =>
  table(
    ['Name of both', 'What differs'],
    Object.entries(sharedNames).map(([name, difference]) => [code(name), difference]),
  );

const unmatched = (): string =>
  table(
    ['Names without a counterpart', 'Why, and what there is instead'],
    unmatchedNames.map(({ names, why }) => [names.map(code).join(', '), why]),
  );

/** What the reference page of metrics says about the names that earlier bundlers have. */
export const legacyNames = (): string[] => ['## Legacy names', introduction, aliases(), shared(), unmatched()];
