import { parseArgs } from 'node:util';
import { type Connection, createDispatcher } from '../kube/connection.ts';
import { KubeError, RestApi } from '../kube/index.ts';
import { Transport } from '../kube/transport.ts';
import type { Clock } from '../runtime/clock.ts';
import {
  type Arguments,
  type Command,
  type Context,
  type ExitCode,
  FIELD_MANAGER,
  type Terminal,
  Trouble,
  UsageError,
} from './command.ts';
import { commands } from './commands/index.ts';
import { table } from './text.ts';

export interface RunOptions {
  /** Of the plugin. */
  readonly version: string;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Opens a connection; of undefined stands for what the environment says. */
  readonly connect: (kubeconfig: string | undefined, context: string | undefined) => Promise<Connection>;
}

const common = {
  namespace: { type: 'string', short: 'n' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  output: { type: 'string', short: 'o', default: 'text' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Does what a command line asks for. */
export async function run(argv: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { terminal } = options;
  const [name, rest] = commandOf(argv);
  if (['', 'help', '-h', '--help'].includes(name)) {
    (name === '' ? terminal.err : terminal.out)(overview());
    return name === '' ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (!command) throw new UsageError(`there is no command "${name}"; there are ${Object.keys(commands).join(', ')}`);
    const args = argumentsOf(command, rest);
    if (args.values.help === true) {
      terminal.out(helpOf(name, command));
      return 0;
    }
    return await act(command, args, options);
  } catch (error) {
    return failed(error, name, terminal);
  }
}

/** The command and all the rest: options may stand before it, as kubectl's own may. */
function commandOf(argv: readonly string[]): [name: string, rest: string[]] {
  const options = { args: [...argv], options: common, strict: false, allowPositionals: true, tokens: true } as const;
  const at = parseArgs(options).tokens.find(({ kind }) => kind === 'positional')?.index ?? 0;
  return [argv[at] ?? '', argv.toSpliced(at, 1)];
}

function argumentsOf(command: Command, argv: readonly string[]): Arguments {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...common, ...command.options },
      allowPositionals: true,
    }) as Arguments;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function act(
  command: Command,
  args: Arguments,
  { version, terminal, clock, connect }: RunOptions,
): Promise<ExitCode> {
  const { values, positionals } = args;
  const output = String(values.output);
  if (!command.outputs.includes(output))
    throw new UsageError(`-o takes ${command.outputs.join(' or ')}, but got "${output}"`);
  const { words = 1 } = command;
  if (!command.usage.includes('...]') && positionals.length > words)
    throw new UsageError(`"${positionals[words]}" is one argument too many`);
  if (command.alone?.(args) === true) return command.run(withoutCluster({ version, terminal, clock, output }), args);
  const connection = await connect(values.kubeconfig as string | undefined, values.context as string | undefined).catch(
    (error: unknown) => {
      if (command.worksAlone) return noConnection(error);
      throw error;
    },
  );
  try {
    const warn = (warning: string): void => terminal.err(`warning: ${warning}\n`);
    // In the API server's audit log a person, and not the operator.
    const userAgent = `${FIELD_MANAGER}/${version}`;
    const context = {
      version,
      api: new RestApi({ connection, clock, onWarning: warn, userAgent }),
      transport: new Transport(connection, clock, warn, userAgent),
      namespace: String(values.namespace ?? connection.namespace),
      terminal,
      clock,
      output,
    };
    return await command.run(context, args);
  } finally {
    await connection.close();
  }
}

/** For a command that asks no cluster: whatever it asked all the same would be a defect. */
function withoutCluster(context: Pick<Context, 'version' | 'terminal' | 'clock' | 'output'>): Context {
  const none = (): never => {
    throw new TypeError('this command was to ask no cluster');
  };
  const nobody = new Proxy({}, { get: none });
  return { ...context, namespace: '', api: nobody as Context['api'], transport: nobody as Context['transport'] };
}

/** Where there is no cluster: whatever is asked fails for the reason why there is none. */
function noConnection(reason: unknown): Connection {
  const dispatcher = createDispatcher({});
  return {
    server: 'http://127.0.0.1',
    namespace: '',
    dispatcher,
    authenticate: async () => {
      throw reason;
    },
    close: async () => dispatcher.close(),
  };
}

function failed(error: unknown, name: string, terminal: Terminal): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  terminal.err(`error: ${message}\n`);
  if (error instanceof UsageError) {
    terminal.err(`see: kubectl bundler ${Object.hasOwn(commands, name) ? `${name} ` : ''}--help\n`);
    return 2;
  }
  // Anything else is a defect, and whoever reports it needs to say where.
  const expected = error instanceof Trouble || error instanceof KubeError || !(error instanceof TypeError);
  if (!expected) terminal.err(`${(error as Error).stack}\n`);
  return 1;
}

const EXIT_CODES = 'Exit codes: 0 fine, 1 trouble, 2 the command line makes no sense.\n';

function overview(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary]);
  return `Usage: kubectl bundler COMMAND [options]\n\n${table(rows, '  ').join('\n')}\n\nkubectl bundler COMMAND --help says more. ${EXIT_CODES}`;
}

function helpOf(name: string, { usage, summary, details, outputs }: Command): string {
  return `Usage: kubectl bundler ${name} ${usage}

${summary}

${details}

  -n, --namespace NS      default: that of the kubeconfig's context
      --kubeconfig FILE   default: $KUBECONFIG, else ~/.kube/config
      --context NAME      default: the kubeconfig's current one
  -o, --output FORM       ${outputs.join(' or ')}
  -h, --help

${EXIT_CODES}`;
}
