import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Arguments, type Command, type Context, type ExitCode, printJson, UsageError } from '../command.ts';
import { readConfigs } from '../platform.ts';

export const runbook: Command = {
  usage: 'ALERT [NAME]',
  summary: 'what an alert means, how to look and what to do, with names filled in',
  details: `Without an alert: all there are. NAME is the BundlerConfig that it is about; where the namespace has only one, that one.
Works without a cluster; what is not known then is left as a variable to set.`,
  outputs: ['text', 'json'],
  words: 2,
  worksAlone: true,
  run,
};

/** Printed by `npm run generate` beside the sources, and so wherever the plugin is. */
const folder = join(import.meta.dirname, '..', '..', '..', 'runbooks');

async function run(context: Context, { positionals: [alert, name] }: Arguments): Promise<ExitCode> {
  const known = (await readdir(folder)).map((file) => file.replace('.md', '')).toSorted();
  if (alert === undefined) {
    if (context.output === 'json') printJson(context, known);
    else context.terminal.out(`${known.join('\n')}\n`);
    return 0;
  }
  if (!known.includes(alert)) throw new UsageError(`there is no alert "${alert}"${similar(alert, known)}`);
  const text = await readFile(join(folder, `${alert}.md`), 'utf8');
  const filled = fillIn(text, { namespace: context.namespace, name: name ?? (await onlyConfig(context)) });
  if (context.output === 'json') printJson(context, { alert, text: filled });
  else context.terminal.out(filled);
  return 0;
}

function similar(alert: string, known: readonly string[]): string {
  const wanted = alert.toLowerCase().replace(/^bundler/, '');
  const near = known.filter((name) => name.toLowerCase().includes(wanted));
  return near.length > 0 && near.length <= 8 ? `; did you mean ${near.join(' or ')}?` : ': see kubectl bundler runbook';
}

/** The page as it is printed: without its notice, and with what is known in the place of the variables. */
export function fillIn(page: string, known: { readonly namespace: string; readonly name: string | undefined }): string {
  const values = { NAMESPACE: known.namespace, NAME: known.name ?? '' };
  const text = page.replace(/^<!--.*-->\n+/, '');
  const told = Object.entries(values).filter(([, value]) => value !== '');
  const left = Object.entries(values).filter(([, value]) => value === '');
  const set = /Say once which platform it is about.*\n\n```sh\n.*\n```\n\n/;
  const ask = left.map(([variable]) => `${variable}=`).join(' ');
  return told.reduce(
    (filled, [variable, value]) =>
      // Inside of quotes, and followed by the rest of a name: "$NAME-upload".
      filled.replaceAll(new RegExp(`\\$${variable}(?![A-Z_])`, 'g'), value),
    text.replace(set, left.length === 0 ? '' : `Set what is not known here:\n\n\`\`\`sh\n${ask}\n\`\`\`\n\n`),
  );
}

/** The BundlerConfig of the namespace, where there is only one, and somebody to ask. */
async function onlyConfig(context: Context): Promise<string | undefined> {
  try {
    const configs = await readConfigs(context);
    return configs.length === 1 ? configs[0]?.metadata.name : undefined;
  } catch {
    // A page about a cluster that does not answer must be read all the same.
    return undefined;
  }
}
