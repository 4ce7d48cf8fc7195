import type { StoredConfig } from '../../controllers/bundler-config.ts';
import { Forbidden, Invalid, type KubeObject, NotFound, orUndefined } from '../../kube/index.ts';
import { type Accepted } from '../../rollout/accepted.ts';
import type { Revision } from '../../rollout/revision.ts';
import { type Arguments, type Command, type Context, printJson, UsageError } from '../command.ts';
import { planEdit, type Side, withSettings } from '../edit.ts';
import { factsOf } from '../facts.ts';
import { planLines } from '../plan-text.ts';
import { ifAllowed, readConfig, readRevisions, refOfConfig } from '../platform.ts';
import { painter } from '../text.ts';

export const plan: Command = {
  usage: '-f FILE | NAME --set PATH=VALUE...',
  summary: 'what an edit would change and restart, and why; nothing is changed',
  details: `  -f, --filename FILE     the BundlerConfig as it would be, YAML or JSON; - reads the standard input
      --set PATH=VALUE    one field of the spec, such as database.pool.max=55; may be given again

The edit is compared with the revision that runs, by what the operator would render of both. The API server is asked for its
verdict with a dry run, which needs the right to write; without that right the plan says that it was not asked.
Exit code 1 when the edit would be refused.`,
  options: { filename: { type: 'string', short: 'f' }, set: { type: 'string', multiple: true } },
  outputs: ['text', 'json'],
  run,
};

interface Edit {
  readonly name: string;
  readonly namespace: string;
  readonly live: StoredConfig | undefined;
  readonly spec: unknown;
}

async function run(context: Context, args: Arguments) {
  const { name, namespace, live, spec } = await editOf(context, args);
  const where = { ...context, namespace };
  const revisions = live ? ((await ifAllowed(readRevisions(where, live))) ?? []) : [];
  const running = live && sideOf(live, revisions);
  const facts = await factsOf(context.api, { name, namespace, generation: live?.metadata.generation });
  const edit = planEdit(running, { spec, image: running?.image || OPERATORS_IMAGE }, facts);
  const verdict = await verdictOf(where, name, live, spec);
  if (context.output === 'json') printJson(context, { ...edit, verdict });
  else {
    const paint = painter(context.terminal.colours);
    const said = paint(
      verdict.outcome === 'refused' ? 'bad' : 'quiet',
      `API server: ${verdict.outcome}${verdict.message && `: ${verdict.message}`}`,
    );
    const suspended =
      (spec as { suspend?: unknown } | undefined)?.suspend === true
        ? ['suspended: nothing of this happens before it is resumed']
        : [];
    context.terminal.out(`${[...planLines(edit, paint), ...suspended, said].join('\n')}\n`);
  }
  return edit.problems.length > 0 || verdict.outcome === 'refused' ? 1 : 0;
}

/** For specs that name no image: the operator brings it, and which one it is only it knows. */
const OPERATORS_IMAGE = '(the image of the operator)';

async function editOf(context: Context, { positionals: [name], values }: Arguments): Promise<Edit> {
  const assignments = (values.set ?? []) as readonly string[];
  if (values.filename === undefined) {
    if (name === undefined || assignments.length === 0)
      throw new UsageError('plan needs -f FILE, or NAME and --set PATH=VALUE');
    const live = await readConfig(context, name);
    return { name, namespace: context.namespace, live, spec: withSettings(live.spec, assignments) };
  }
  if (name !== undefined) throw new UsageError('with -f the file says which BundlerConfig is meant');
  const { metadata, spec } = await fromFile(context, String(values.filename));
  const namespace = metadata.namespace ?? context.namespace;
  const live = await orUndefined(context.api.get<StoredConfig>(refOfConfig(namespace, metadata.name)));
  return { name: metadata.name, namespace, live, spec: withSettings(spec, assignments) };
}

async function fromFile({ terminal }: Context, path: string): Promise<KubeObject & { readonly spec?: unknown }> {
  const { loadAllYaml } = await import('@kubernetes/client-node');
  const documents = readDocuments(loadAllYaml, await terminal.read(path), path);
  const [found, another] = documents.filter((document) => document?.kind === 'BundlerConfig');
  if (!found?.metadata?.name) throw new UsageError(`${path} holds no BundlerConfig with a name`);
  if (another) throw new UsageError(`${path} holds more than one BundlerConfig; plan them one by one`);
  return found;
}

type Document = KubeObject & { readonly spec?: unknown };

function readDocuments(parse: (text: string) => unknown[], text: string, path: string): (Document | null)[] {
  try {
    return parse(text) as (Document | null)[];
  } catch (error) {
    throw new UsageError(`${path} is no YAML: ${(error as Error).message}`);
  }
}

/** What runs: the revision in force; where none is known, the spec itself. */
function sideOf(live: StoredConfig, revisions: readonly Revision[]): Side {
  const current = revisions.find(({ name }) => name === live.status?.revision?.current);
  const { spec, image } = (current?.spec ?? {}) as Partial<Accepted>;
  return spec === undefined ? { spec: live.spec, image: OPERATORS_IMAGE } : { spec, image: image || OPERATORS_IMAGE };
}

interface Verdict {
  readonly outcome: 'accepted' | 'refused' | 'not asked';
  readonly message: string;
}

/** The API server's own judgement: schema, CEL rules, admission policies. */
async function verdictOf(
  { api, namespace }: Context,
  name: string,
  live: StoredConfig | undefined,
  spec: unknown,
): Promise<Verdict> {
  const { apiVersion, kind } = { apiVersion: 'bundler.permaweb.dev/v1alpha1', kind: 'BundlerConfig' };
  try {
    if (live) await api.replace({ ...live, spec } as KubeObject, { dryRun: true });
    else await api.create({ apiVersion, kind, metadata: { name, namespace }, spec } as KubeObject, { dryRun: true });
    return { outcome: 'accepted', message: '' };
  } catch (error) {
    if (error instanceof Invalid) return { outcome: 'refused', message: error.detail };
    // An admission policy refuses with the status that it chooses; a missing right is told by RBAC's own words.
    if (error instanceof Forbidden) {
      const isRight = /cannot (update|create) resource/.test(error.detail);
      return { outcome: isRight ? 'not asked' : 'refused', message: error.detail };
    }
    if (error instanceof NotFound) return { outcome: 'not asked', message: error.detail };
    throw error;
  }
}
