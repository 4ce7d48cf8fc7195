import { spawn } from 'node:child_process';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpecConfig } from '@bundler/contract';
import { settingsIn } from '../config/environment.ts';
import { dataPaths, type Environment, type Options, otherVariables, portVariables } from '../config/options.ts';
import { requireFreePort } from '../embedded/process/ports.ts';
import { processIdentity } from '../embedded/process/process-table.ts';
import { isRunning, readState, type State } from '../state/index.ts';
import { readConfiguration } from '../supervise/configuration.ts';
import { endLeftovers } from '../supervise/replica-files.ts';
import { type Print, waitUntilReady } from './wait-ready.ts';

/** Fetching a server program and making the database files come on top of the start itself. */
const START_TIMEOUT_MS = 300_000;
const RELOAD_TIMEOUT_MS = 90_000;
const MIN_NODE = 24;

/** Starts the platform, or tells a running one to read its configuration again. Returns when everything is ready. */
export async function up(options: Options, env: Environment, print: Print): Promise<State> {
  requireNode();
  const paths = dataPaths(options.dataDir);
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
  await mkdir(paths.logs, { recursive: true });
  const given = settingsIn(env);
  const state = await readState(paths.state);
  if (!state || !isRunning(state)) return start(options, given, env, print);
  // A running platform keeps the environment it was given until another one is.
  if (Object.keys(given).length > 0) {
    await requireUsable(options, given);
    await writeOverrides(paths.overrides, given);
  }
  return reload(options, state, print);
}

async function reload(options: Options, state: State, print: Print): Promise<State> {
  print(`The platform already runs (pid ${state.supervisor.pid}); it reads its configuration again.`);
  process.kill(state.supervisor.pid, 'SIGHUP');
  const supervisorLives = (latest: State | undefined) => latest !== undefined && isRunning(latest);
  const wait = { supervisorLives, readings: state.readings + 1, timeoutMs: RELOAD_TIMEOUT_MS };
  const now = await waitUntilReady(options, wait, print);
  const problems = [
    ...(now.refusal?.problems ?? []),
    ...now.deployments.flatMap(({ name, refused }) =>
      refused ? [`${name}: ${refused}; see "make logs NAME=${name}"`] : [],
    ),
  ];
  if (problems.length > 0) throw new Error(`Refused, the last good version stays:\n  ${problems.join('\n  ')}`);
  return now;
}

async function start(options: Options, given: Environment, env: Environment, print: Print): Promise<State> {
  const paths = dataPaths(options.dataDir);
  for (const name of await endLeftovers(paths.run)) print(`Ended ${name}, left over from a run that crashed.`);
  const { uploadPort, paymentEnabled, paymentPort, adminEnabled, adminServicePort } = await requireUsable(
    options,
    given,
  );
  await requireFreePort(uploadPort, 'the upload API', 'UPLOAD_SERVICE_PORT');
  if (paymentEnabled) await requireFreePort(paymentPort, 'the payment service', 'PAYMENT_SERVICE_PORT');
  if (adminEnabled) await requireFreePort(adminServicePort, 'the admin service', 'ADMIN_SERVICE_PORT');
  // PostgreSQL and Redis end their own leftovers before they look at their ports.
  await requireFreePort(options.ports.gateway, 'the Arweave gateway', portVariables.gateway.variable);
  await writeOverrides(paths.overrides, given);
  await rm(paths.state, { force: true });
  print('Starting the platform');
  const pid = await startSupervisor(options, env);
  const identity = processIdentity(pid);
  const supervisorLives = () => processIdentity(pid) === identity;
  return waitUntilReady(options, { supervisorLives, readings: 1, timeoutMs: START_TIMEOUT_MS }, print);
}

/** A configuration that is wrong is told before anything is started or changed. */
async function requireUsable(options: Options, given: Environment): Promise<SpecConfig> {
  const { platform, problems } = await readConfiguration(options, given, {});
  if (!platform)
    throw new Error(`${options.specFile} with this environment cannot be used:\n  ${problems.join('\n  ')}`);
  return platform.config;
}

/** Starts the supervisor so that it outlives this process and its terminal. */
async function startSupervisor(options: Options, env: Environment): Promise<number> {
  const log = await open(dataPaths(options.dataDir).supervisorLog, 'w');
  const script = join(options.root, 'services/standalone/src/main.ts');
  const child = spawn(process.execPath, [script, 'supervise'], {
    cwd: options.root,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: supervisorEnvironment(env),
  });
  child.unref();
  await log.close();
  if (child.pid === undefined) throw new Error('The supervisor could not be started');
  return child.pid;
}

/** What finds programs and fetches them, and the platform's own options. Settings travel in a file of their own. */
const PASSED = /^(PATH|HOME|TZ|TMPDIR|XDG_CACHE_HOME|PIP_.*|.*_proxy|SSL_CERT_FILE|SSL_CERT_DIR)$/i;

function supervisorEnvironment(env: Environment): NodeJS.ProcessEnv {
  const own = new Set<string>([...otherVariables, ...Object.values(portVariables).map(({ variable }) => variable)]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED.test(name) || own.has(name)));
}

async function writeOverrides(path: string, given: Environment): Promise<void> {
  // It may hold addresses with passwords.
  await writeFile(`${path}.new`, JSON.stringify(given), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function requireNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < MIN_NODE)
    throw new Error(`Node ${MIN_NODE} or newer is needed, this is ${process.version}; use "make up"`);
}
