import type { Sample, Scraped } from './scraped.ts';

/** What a linter of metrics would find wrong with what a process says; empty when nothing is. */
export function lintMetrics(scraped: Scraped): string[] {
  return [...families(scraped), ...series(scraped), ...histograms(scraped)];
}

function families({ types, help }: Scraped): string[] {
  return [...types].flatMap(([name, type]) => {
    const found: string[] = [];
    if (!help.get(name)) found.push(`${name} has no help`);
    if (!/^[a-z][a-z0-9_]*$/.test(name)) found.push(`${name} is not in lower case and underscores`);
    if ((type === 'counter') !== name.endsWith('_total')) found.push(`${name} is a ${type}`);
    if (/_(milliseconds|ms|kb|mb|minutes|hours)$/.test(name)) found.push(`${name} is not in base units`);
    if (/_(count|sum|bucket)$/.test(name)) found.push(`${name} ends like a part of a histogram`);
    return found;
  });
}

function series({ samples, types }: Scraped): string[] {
  const seen = new Set<string>();
  return samples.flatMap((sample) => {
    const { name, labels, value } = sample;
    const found: string[] = [];
    const key = keyOf(sample);
    if (seen.has(key)) found.push(`${key} is there twice`);
    seen.add(key);
    if (!types.has(name) && !types.has(name.replace(/_(bucket|sum|count)$/, ''))) found.push(`${name} has no type`);
    if (Number.isNaN(value)) found.push(`${key} is no number`);
    for (const [label, text] of Object.entries(labels)) {
      if (text === '') found.push(`${key}: ${label} is empty`);
      // An id, an address or a URL with one in it: no two requests have the same.
      if (/[\w-]{43}|[0-9a-f]{8}-[0-9a-f]{4}-/.test(text) && label !== 'wallet' && label !== 'commit')
        found.push(`${key}: ${label} holds an id`);
    }
    return found;
  });
}

function histograms({ samples, types }: Scraped): string[] {
  return [...types].flatMap(([name, type]) => {
    if (type !== 'histogram') return [];
    const groups = Map.groupBy(
      samples.filter((sample) => sample.name === `${name}_bucket`),
      ({ labels: { le: _, ...labels } }) => JSON.stringify(labels),
    );
    return [...groups].flatMap(([labels, buckets]) => {
      const counts = buckets.map(({ value }) => value);
      const rising = counts.every((count, index) => index === 0 || count >= counts[index - 1]!);
      const total = samples.find(
        (sample) => sample.name === `${name}_count` && JSON.stringify(sample.labels) === labels,
      )?.value;
      return rising && counts.at(-1) === total && buckets.at(-1)?.labels.le === '+Inf'
        ? []
        : [`${name}${labels} has buckets that do not add up`];
    });
  });
}

const keyOf = ({ name, labels }: Sample): string => `${name}${JSON.stringify(Object.entries(labels).toSorted())}`;
