import { ADMIN_OPTIONS_HELP, adminOptions, openAdminApi } from '../admin-api.ts';
import { type Arguments, type Command, type Context, printJson, Trouble, UsageError } from '../command.ts';
import { readConfig } from '../platform.ts';
import { doctor } from './doctor.ts';

export const supportBundle: Command = {
  usage: 'NAME',
  summary: 'an archive with what somebody needs who helps from afar, and no secrets',
  details: `      --file FILE               where it goes; default: bundler-NAME-TIME.tar.gz in this directory
      --log-lines N             latest lines of each log; default: 1000, at most 10000
      --operator-namespace NS   where the operator runs; default: the namespace of -n
${ADMIN_OPTIONS_HELP}

It holds: spec and status, revisions, workloads as rendered and as they are, autoscalers, pods, events, logs, settings in
force, metrics, queues, versions, and what doctor finds. What this account may not read is named in problems.txt.
Read it before you send it: no machine knows what everybody thinks a secret.`,
  options: {
    ...adminOptions,
    file: { type: 'string' },
    'log-lines': { type: 'string', default: '1000' },
    'operator-namespace': { type: 'string' },
  },
  outputs: ['text', 'json'],
  run,
};

async function run(context: Context, args: Arguments) {
  const { positionals, values } = args;
  const [name] = positionals;
  if (name === undefined) throw new UsageError('support-bundle needs the name of a BundlerConfig');
  const logLines = Number(values['log-lines']);
  if (!Number.isInteger(logLines) || logLines < 1 || logLines > 10_000)
    throw new UsageError(`--log-lines is a whole number from 1 to 10000, but got "${values['log-lines']}"`);
  const config = await readConfig(context, name);
  const at = context.clock.date();
  const folder = `bundler-${name}-${at.toISOString().slice(0, 19).replaceAll(':', '')}Z`;
  const path = String(values.file ?? `${folder}.tar.gz`);
  // Loaded when it is wanted: what scrubs logs brings half a server with it.
  const [{ Collector }, { archive }] = await Promise.all([
    import('../support/collect.ts'),
    import('../support/archive.ts'),
  ]);
  const secrets: string[] = [];
  const collector = new Collector(context, {
    config,
    operatorNamespace: String(values['operator-namespace'] ?? context.namespace),
    logLines,
    version: context.version,
    openAdmin: () => openAdminApi(context, name, args, (key) => secrets.push(key)),
    doctor: () => doctorsWords(context, args),
    secrets: () => secrets,
  });
  const files = await collector.collect();
  await save(context, path, await archive(folder, files, at));
  const problems = files.find((file) => file.name === 'problems.txt')?.text.trimEnd() ?? '';
  const missing = problems === 'none' ? [] : problems.split('\n');
  if (context.output === 'json') printJson(context, { file: path, files: files.map((file) => file.name), missing });
  else context.terminal.out(summary(path, files.length, missing));
  return 0 as const;
}

function summary(path: string, files: number, missing: readonly string[]): string {
  const left = missing.length === 0 ? '' : `not in it:\n${missing.map((line) => `  ${line}\n`).join('')}`;
  return `${path} holds ${files} files; read it before you send it\n${left}`;
}

async function save({ terminal }: Context, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await terminal.save(path, bytes);
  } catch (error) {
    throw new Trouble(`the archive could not be written: ${(error as Error).message}; name another place with --file`);
  }
}

/** What `doctor` says, as JSON. */
async function doctorsWords(context: Context, { positionals, values }: Arguments): Promise<string> {
  let said = '';
  const terminal = { ...context.terminal, out: (text: string) => void (said += text) };
  const lease = doctor.options?.lease?.default as string;
  await doctor.run({ ...context, terminal, output: 'json' }, { positionals, values: { ...values, lease } });
  return said;
}
