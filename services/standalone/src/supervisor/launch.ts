import { type ChildProcess, spawn } from 'node:child_process';
import cluster from 'node:cluster';
import type { Readable } from 'node:stream';
import type { Command } from '../embedded/process/command.ts';
import type { ProcessTemplate } from './template.ts';

/** A started process, however it was started. */
export interface Child {
  readonly pid: number;
  readonly output: readonly Readable[];
  /** Why it ended, in words; settles when it is gone. */
  readonly exited: Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts one process of a template; `env` is added to the template's own. */
export type Launch = (template: ProcessTemplate, env: Readonly<Record<string, string>>) => Child;

export interface LauncherOptions {
  /** Directory that scripts are relative to. */
  readonly root: string;
  /** The supervisor's own environment. Children get a few words of it, not the rest. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Puts something in front of a command, such as what ties it to the supervisor's life. */
  readonly wrap?: (command: Command) => Command;
}

const INHERITED = ['PATH', 'HOME', 'TZ'];

/**
 * Starts processes as the rendered manifests say. Those that serve clients are workers of `node:cluster`: the listening
 * socket then lives in the supervisor, and no connection that waits in it is lost when one of them goes.
 */
export function createLauncher(options: LauncherOptions): Launch {
  const inherited = pick(options.environment, INHERITED);
  return (template, extra) => {
    const env = { ...inherited, ...template.env, ...extra };
    return template.serves ? fork(template, env, options) : start(template, env, options);
  };
}

type Environment = Record<string, string>;

function start({ args, preloads }: ProcessTemplate, env: Environment, { root, wrap }: LauncherOptions): Child {
  const plain = { file: process.execPath, args: [...execArgv(preloads), ...args] };
  const { file, args: argv } = wrap ? wrap(plain) : plain;
  return toChild(spawn(file, [...argv], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

function fork({ args, preloads }: ProcessTemplate, env: Environment, { root, environment }: LauncherOptions): Child {
  const [exec, ...rest] = args;
  cluster.setupPrimary({ exec, args: rest, cwd: root, execArgv: execArgv(preloads), silent: true });
  // cluster.fork adds the primary's environment; a variable that is undefined is left out.
  const mask = Object.fromEntries(Object.keys(environment).map((name) => [name, undefined]));
  const worker = cluster.fork({ ...mask, ...env });
  worker.on('error', () => {
    // The channel broke because the process is gone; its exit says why.
  });
  return toChild(worker.process);
}

const execArgv = (preloads: readonly string[]): string[] => preloads.flatMap((module) => ['--import', module]);

function toChild(child: ChildProcess): Child {
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => child.pid === undefined && resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const output = [child.stdout, child.stderr].filter((stream) => stream !== null);
  return { pid: child.pid ?? -1, output, exited, kill: (signal) => void child.kill(signal) };
}

function pick(from: Readonly<Record<string, string | undefined>>, names: readonly string[]): Environment {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}
