import { join } from 'node:path';
import { type ManagedProcess, startProcess } from '../embedded/index.ts';
import { behind, command } from '../embedded/process/command.ts';
import { dieWithParent } from '../embedded/process/parent-death.ts';
import { requireFreePort } from '../embedded/process/ports.ts';
import { probe } from '../supervisor/probe.ts';

export interface GatewayProcessOptions {
  readonly root: string;
  readonly dataDir: string;
  readonly pidFile: string;
  readonly port: number;
  readonly portVariable: string;
  readonly blockIntervalMs: number;
  /** Who is given money when the gateway starts, and how much, winston. */
  readonly mint: { readonly address: string; readonly winston: bigint };
  readonly log: (line: string) => void;
}

const STOP_STEPS = [{ signal: 'SIGTERM', waitMs: 10_000 }] as const;

/** Starts the Arweave development gateway as a process of its own. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<ManagedProcess> {
  const { port, dataDir, blockIntervalMs, mint } = options;
  await requireFreePort(port, 'the Arweave gateway', options.portVariable);
  const variables = [
    `GATEWAY_PORT=${port}`,
    'GATEWAY_HOST=127.0.0.1',
    `GATEWAY_DATA_DIR=${dataDir}`,
    `GATEWAY_BLOCK_INTERVAL_MS=${blockIntervalMs}`,
    `GATEWAY_MINT=${mint.address}:${mint.winston}`,
  ];
  const script = command(process.execPath, join(options.root, 'services/gateway/src/main.ts'));
  return startProcess({
    name: 'the Arweave gateway',
    command: await dieWithParent(behind(command('env', ...variables), script), 'TERM'),
    cwd: options.root,
    pidFile: options.pidFile,
    ready: () => probe(port, '/info', 2000),
    readyTimeoutMs: 60_000,
    stopSteps: STOP_STEPS,
    log: options.log,
  });
}
