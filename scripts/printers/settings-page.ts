import { clusterFieldGroups, type Field, operatorSettings, type Setting, settingGroups } from '@bundler/contract';
import { code, page, table } from './markdown.ts';
import type { Printer } from './printer.ts';
import { envDefault, envForm, isForRendererOnly, specDefault } from './setting-facts.ts';

const introduction = `Each setting has one environment variable and, unless the platform provides it, one place in
\`BundlerConfig.spec\`. In the spec, durations are text such as \`10m\` and sizes are quantities such as \`100Mi\`;
in the environment both are plain numbers in the unit given. *Live* settings reach running processes; a change of
the others replaces them one by one. Secrets are only ever given by reference.

The settings come first; [what only a cluster has](#what-only-a-cluster-has) follows: places in \`BundlerConfig.spec\` without
an environment variable, because no process reads them. [The operator](#the-operator) has settings of its own.`;

const header = [
  'Environment',
  'BundlerConfig.spec',
  'In the environment',
  'Bounds',
  'Default',
  'Applies',
  'What it does',
];

const clusterIntroduction = `*Restart* fields start new pods. *Cluster* fields change what stands around the pods, which go
on running.`;

const clusterHeader = ['BundlerConfig.spec', 'Kind', 'Bounds', 'Default', 'Applies', 'What it does'];

const operatorHeader = ['Environment', 'In the environment', 'Bounds', 'Default', 'What it does'];

/** The reference page of all settings, one table a group; then the other fields of the spec. */
export const settingsPage: Printer = {
  path: 'docs/reference/settings.md',
  print: () => {
    const parts = Object.entries(settingGroups).flatMap(([title, settings]) => [
      `## ${title}`,
      table(header, Object.values(settings).map(row)),
    ]);
    const onCluster = Object.entries(clusterFieldGroups).flatMap(([title, fields]) => [
      `### ${title}`,
      table(clusterHeader, Object.values(fields).map(clusterRow)),
    ]);
    const cluster = ['## What only a cluster has', clusterIntroduction, ...onCluster];
    const operator = ['## The operator', table(operatorHeader, Object.values(operatorSettings).map(operatorRow))];
    return page('services/contract/src/settings', 'Settings', introduction, [...parts, ...cluster, ...operator]);
  },
};

function row(setting: Setting): string[] {
  return [
    code(setting.env),
    setting.path === null ? 'from the platform' : code(setting.path),
    envForm(setting),
    setting.kind.bounds,
    defaultCell(setting),
    isForRendererOnly(setting) ? `${setting.applies}, when processes are laid out` : setting.applies,
    setting.secret ? `**Secret.** ${setting.doc}` : setting.doc,
  ];
}

function clusterRow(field: Field): string[] {
  const { applies, doc, kind, path } = field;
  const text = specDefault(field);
  return [code(path), kind.name, kind.bounds, text === '' ? 'empty' : code(text ?? ''), applies, doc];
}

function operatorRow(setting: Setting): string[] {
  const { env, kind, doc } = setting;
  return [code(env), envForm(setting), kind.bounds, defaultCell(setting), doc];
}

/** Both spellings where they differ: people copy from here into a spec and into an environment. */
function defaultCell(setting: Setting): string {
  const env = envDefault(setting);
  const spec = specDefault(setting);
  if (env === undefined || spec === undefined) return '**required**';
  if (env === '') return 'empty';
  return env === spec || setting.path === null ? code(env) : `${code(env)}, in the spec ${code(spec)}`;
}
