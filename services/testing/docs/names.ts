import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  clusterFields,
  type MetricDefinition,
  metrics,
  operatorMetrics,
  operatorSettings,
  settings,
  specFields,
  unmatchedNames,
} from '@bundler/contract';
import { alerts, external } from '@bundler/dashboards';
import { type Page, ROOT } from './pages.ts';

const environment = new Set([...Object.values(settings), ...Object.values(operatorSettings)].map(({ env }) => env));
const fields = [...specFields.map(([, { path }]) => path), ...Object.values(clusterFields).map(({ path }) => path)];
const alertNames = new Set<string>(alerts.map(({ name }) => name));
const ours: readonly MetricDefinition[] = [...Object.values(metrics), ...Object.values(operatorMetrics)];
const legacy = ours.flatMap(({ legacy: aliases = [], type }) => aliases.map(({ name }) => ({ name, type })));
const series = new Set(
  [...ours, ...legacy, ...Object.values(external)].flatMap(({ name, type }) =>
    type === 'histogram' ? [name, ...['_bucket', '_count', '_sum'].map((suffix) => name + suffix)] : [name],
  ),
);
/** They are told of because they do not exist. */
const unmatched = new Set(unmatchedNames.flatMap(({ names }) => names));

const firstWord = (name: string): string => name.split('_', 1)[0]!;
const firstWords = [...environment].map(firstWord);
/** First words that settings share: what begins with another one may be a variable of a tool. */
const families = new Set(firstWords.filter((word, index) => firstWords.indexOf(word) !== index));

interface Judge {
  /** The form of such a name, alone between backticks. */
  readonly form: RegExp;
  readonly exists: (name: string) => boolean;
  readonly kind: string;
}

/** What may stand between backticks, and how it is known that there is such a thing. */
const judges: readonly Judge[] = [
  {
    kind: 'setting',
    form: /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?==|$)/,
    exists: (name) => environment.has(name) || !families.has(firstWord(name)),
  },
  { kind: 'alert', form: /^Bundler[A-Z]\w+$/, exists: (name) => alertNames.has(name) || name === 'BundlerConfig' },
  {
    kind: 'metric',
    form: /^(?:[a-z]+_)+(?:total|seconds|bytes|state|depth|size|free|max|jobs|acquires|info|bucket|count|sum)(?=\{|$)/,
    exists: (name) => series.has(name) || unmatched.has(name),
  },
  {
    kind: 'field of the spec',
    form: /^(?:upload|workers|database|redis|cache|objectStore|arweave|pipeline|rollout|shutdown|observability)(?:\.[a-zA-Z0-9]+)+(?==|$)/,
    exists: (path) => fields.some((field) => field === path || field.startsWith(`${path}.`)),
  },
  {
    kind: 'file',
    form: /^(?:services|operator|docs|charts|crds|dashboards|scripts|k6|\.ci)\/[\w./-]+$/,
    exists: (path) => existsSync(join(ROOT, path)),
  },
];

/** Names between backticks, in text and in tables, that nothing in the platform has: what they claim to be, with the line. */
export function unknownNames({ path, text }: Page): string[] {
  return linesOutsideOfFences(text).flatMap(([line, number]) =>
    [...line.matchAll(/`([^`]+)`/g)].flatMap(([, words]) =>
      judges.flatMap(({ form, exists, kind }) => {
        const name = form.exec(words!)?.[0];
        return name === undefined || exists(name) ? [] : [`${path}:${number} there is no ${kind} ${name}`];
      }),
    ),
  );
}

/** Links of a page to files of the repository, or to headings in them, that are not there. */
export function brokenLinks(page: Page, readPage: (path: string) => string | undefined): string[] {
  return linesOutsideOfFences(page.text).flatMap(([line, number]) =>
    [...line.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
      if (/^[a-z]+:/.test(target!)) return [];
      const [file = '', anchor] = target!.split('#');
      const path = file === '' ? page.path : join(dirname(page.path), file);
      const where = `${page.path}:${number}`;
      if (!existsSync(join(ROOT, path))) return [`${where} links to ${target}, which is not there`];
      if (anchor === undefined || headings(readPage(path) ?? '').includes(anchor)) return [];
      return [`${where} links to ${target}, but ${path} has no such heading`];
    }),
  );
}

function linesOutsideOfFences(text: string): [line: string, number: number][] {
  let fenced = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) fenced = !fenced;
    return fenced ? [] : [[line, index + 1] as [string, number]];
  });
}

/** The anchors of a page as the forges make them of its headings. */
function headings(text: string): string[] {
  return linesOutsideOfFences(text).flatMap(([line]) => {
    const title = /^#+ (.*)$/.exec(line)?.[1];
    return title === undefined
      ? []
      : [
          title
            .toLowerCase()
            .replaceAll(/[^\w\- ]/g, '')
            .replaceAll(' ', '-'),
        ];
  });
}

/** What the commands of a page ask `kubectl bundler` for: its command and its options. */
export function pluginCalls(script: string): { readonly command: string; readonly options: readonly string[] }[] {
  const joined = script.replaceAll(/\\\n\s*/g, ' ');
  return [...joined.matchAll(/kubectl bundler +([a-z-]+)([^\n|;&)]*)/g)].map(([, command, rest]) => ({
    command: command!,
    options: [...rest!.matchAll(/(?<=\s)--?([a-z][a-z-]*)/g)].map(([, option]) => option!),
  }));
}
