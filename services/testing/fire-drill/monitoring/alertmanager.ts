import { access, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dieWithParent, freePort, startProcess } from '@bundler/standalone/embedded';

const shipped = join(import.meta.dirname, '../../../../dashboards/prometheus/alertmanager.yaml');
const READY_MS = 60_000;
/** Where Debian's program looks for its templates, and does not start without them. */
const SHARE = '/usr/share';
const TEMPLATE = 'prometheus/alertmanager/default.tmpl';

interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface Alertmanager {
  /** For Prometheus. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts an Alertmanager with the configuration that is shipped; all that is replaced is where its receivers are. */
export async function startAlertmanager(binary: string, directory: string, webhook: string): Promise<Alertmanager> {
  const address = `127.0.0.1:${await freePort()}`;
  const file = join(directory, 'alertmanager.yaml');
  await writeFile(file, withReceivers(await readFile(shipped, 'utf8'), webhook));
  const args = [
    `--config.file=${file}`,
    `--storage.path=${join(directory, 'alertmanager')}`,
    `--web.listen-address=${address}`,
    // It is alone.
    '--cluster.listen-address=',
    '--log.level=warn',
  ];
  const server = await startProcess({
    name: 'Alertmanager',
    command: await withTemplates(binary, await dieWithParent({ file: binary, args }, 'TERM')),
    pidFile: join(directory, 'alertmanager.pid'),
    ready: async () => (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok === true,
    readyTimeoutMs: READY_MS,
    stopSteps: [{ signal: 'SIGTERM', waitMs: 10_000 }],
  });
  return { address, stop: () => server.stop() };
}

/** The examples' addresses are one address here: a notification says itself for whom it is. */
function withReceivers(configuration: string, webhook: string): string {
  return configuration.replaceAll(/http:\/\/[\w-]+\.example\/\w+/g, webhook);
}

/** A package that was unpacked and not installed brings its own templates: for this process alone they lie where it looks. */
async function withTemplates(binary: string, command: Command): Promise<Command> {
  const share = join(dirname(binary), '../share');
  if ((await exists(join(SHARE, TEMPLATE))) || !(await exists(join(share, TEMPLATE)))) return command;
  const script = `mount --bind "$1" ${SHARE} && shift && exec "$@"`;
  const around = ['--user', '--map-root-user', '--mount', '--', 'sh', '-c', script, 'sh', share];
  return { file: 'unshare', args: [...around, command.file, ...command.args] };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
