import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundlerClient, ethereumSigner } from '@bundler/client';
import { demo } from './commands/demo.ts';
import { down } from './commands/down.ts';
import { status } from './commands/status.ts';
import { up } from './commands/up.ts';
import { dataPaths, type Options, portVariables, readOptions } from './config/options.ts';
import { freePort } from './embedded/index.ts';
import { openWallet } from './services/wallet.ts';
import { isRunning, readState, type State } from './state/index.ts';

// Backing services may have to be fetched on the first run.
import.meta.jest.setTimeout(300_000);

const root = join(import.meta.dirname, '../../..');
const lines: string[] = [];
const print = (line: string) => void lines.push(line);
let environment: Record<string, string> = {};
let options: Options;
let uploadPort = 0;
let paymentPort = 0;

const state = async (): Promise<State> => (await readState(dataPaths(options.dataDir).state))!;
async function until(condition: (state: State) => boolean): Promise<State> {
  for (;;) {
    const now = await state();
    if (condition(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
async function edit(change: (text: string) => string): Promise<void> {
  await writeFile(options.specFile, change(await readFile(options.specFile, 'utf8')));
}

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'standalone-'));
  const ports = await Promise.all(
    Object.values(portVariables).map(async ({ variable }) => [variable, await freePort()]),
  );
  uploadPort = await freePort();
  paymentPort = await freePort();
  environment = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    BUNDLER_DATA_DIR: dataDir,
    BUNDLER_CONFIG: join(dataDir, 'config.yaml'),
    GATEWAY_BLOCK_INTERVAL_MS: '200',
    ...Object.fromEntries(ports.map(([name, port]) => [name, String(port)])),
  };
  options = readOptions(environment, root);
  await writeFile(options.specFile, await readFile(join(root, 'standalone.yaml'), 'utf8'));
  await edit((text) =>
    text
      .replace('port: 3001', `port: ${uploadPort}`)
      .replace('port: 4001', `port: ${paymentPort}`)
      .replace('confirmations: 18', 'confirmations: 3'),
  );
});

afterAll(async () => {
  await down(options, print);
  await rm(options.dataDir, { recursive: true });
});

describe('the standalone platform', () => {
  it('starts, takes two files to permanence and gives them back', async () => {
    await demo(options, environment, print);
    expect(lines.filter((line) => line.endsWith('permanent') && line.startsWith(' '))).toHaveLength(2);
    expect(lines.filter((line) => line.endsWith('the same'))).toHaveLength(2);
    expect(lines.find((line) => line.includes('written to the gateway'))).toMatch(
      /: POST \/tx x\d, POST \/chunk x\d\.$/,
    );
  });

  it('takes nothing for free that must be paid for, and says to which wallet', async () => {
    const { urls } = await state();
    const info = (await (await fetch(`${urls.payment}/v1/info`)).json()) as { addresses: { arweave: string } };
    const wallet = await openWallet(dataPaths(options.dataDir).wallet);
    expect(info.addresses).toEqual({ arweave: wallet.address });
    const price = (await (await fetch(`${urls.payment}/v1/price/bytes/1000000`)).json()) as { winc: string };
    expect(BigInt(price.winc)).toBeGreaterThan(0n);
    const client = new BundlerClient({ uploadUrl: urls.upload!, gatewayUrl: urls.gateway });
    const signer = ethereumSigner(randomBytes(32).toString('hex'));
    await expect(client.upload(randomBytes(600_000), { signer })).rejects.toThrow('Insufficient balance');
  });

  it('rolls only what an edit of its file changes', async () => {
    const before = await state();
    // More jobs at once than the workers' pools of connections are made for: a live setting up to there.
    await edit((text) => text.replace('instances: 2', 'instances: 2\n    verify: { concurrency: 20 }'));
    const after = await until((now) => now.revision!.number === 2 && now.processes.every(({ current }) => current));
    const pids = (of: State, deployment: string) =>
      of.processes.filter((process) => process.deployment === deployment).map(({ pid }) => pid);
    expect(pids(after, 'local-upload')).toEqual(pids(before, 'local-upload'));
    expect(pids(after, 'local-workers')).not.toEqual(pids(before, 'local-workers'));
  });

  it('refuses a bad file aloud and goes on with the last good one', async () => {
    await edit((text) => `${text}\n  typo: 1\n`);
    const { revision, refusal } = await until((now) => now.refusal !== undefined);
    expect(revision!.number).toBe(2);
    expect(refusal!.problems[0]).toMatch(/^spec\.typo is not known/);
    expect((await fetch(`http://127.0.0.1:${uploadPort}/v1/info`)).status).toBe(200);
    await edit((text) => text.replace('\n  typo: 1\n', ''));
    await until((now) => now.refusal === undefined);
  });

  it('takes settings from the environment of a second start', async () => {
    const { overridden } = await up(options, { ...environment, LOG_LEVEL: 'warn' }, print);
    expect(overridden).toEqual(['LOG_LEVEL']);
  });

  it('refuses an environment that is wrong before it changes anything', async () => {
    await expect(up(options, { ...environment, LOG_LEVEL: 'loud' }, print)).rejects.toThrow('LOG_LEVEL must be one of');
    expect((await state()).overridden).toEqual(['LOG_LEVEL']);
    expect((await state()).refusal).toBeUndefined();
  });

  it('starts a backing service again that died', async () => {
    const postgres = (now: State) => now.parts.find(({ name }) => name === 'postgres')!;
    const before = postgres(await state());
    process.kill(before.pid!, 'SIGKILL');
    const after = await until((now) => postgres(now).restarts === 1 && postgres(now).phase === 'ready');
    expect(postgres(after).pid).not.toBe(before.pid);
  });

  it('starts again after its supervisor was killed', async () => {
    const killed = await state();
    process.kill(killed.supervisor.pid, 'SIGKILL');
    while (isRunning(killed)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await status(options, print)).toBe(false);
    await up(options, environment, print);
    expect(await status(options, print)).toBe(true);
  });

  it('stops so that nothing is left', async () => {
    const last = await state();
    await down(options, print);
    const pids = [...last.parts, ...last.processes].flatMap(({ pid }) => pid ?? []);
    const alive = pids.filter((pid) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    });
    expect(alive).toEqual([]);
    expect(await status(options, print)).toBe(false);
  });
});
