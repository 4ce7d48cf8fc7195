import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dieWithParent, freePort, type ManagedProcess, startProcess } from '@bundler/standalone/embedded';

const shipped = join(import.meta.dirname, '../../../../dashboards/prometheus');
const READY_MS = 60_000;
const LOOK_MS = 500;

interface Target {
  readonly address: string;
  readonly component: string;
}

interface Options {
  /** The program. */
  readonly binary: string;
  /** Made by the caller; what is kept is in it. */
  readonly directory: string;
  /** Who is to be scraped, asked again and again: processes come and go. */
  readonly targets: () => Promise<readonly Target[]>;
}

/** A Prometheus that scrapes each second for as long as a load run lasts, and takes what k6 says too. */
export class OwnPrometheus {
  readonly url: string;
  readonly #server: ManagedProcess;
  readonly #watching: NodeJS.Timeout;

  private constructor(url: string, server: ManagedProcess, watching: NodeJS.Timeout) {
    this.url = url;
    this.#server = server;
    this.#watching = watching;
  }

  static async start({ binary, directory, targets }: Options): Promise<OwnPrometheus> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const list = join(directory, 'targets.json');
    let written = '';
    const writeTargets = async (): Promise<void> => {
      const groups = (await targets()).map(({ address, component }) => ({ targets: [address], labels: { component } }));
      const text = JSON.stringify(groups);
      if (text === written) return;
      written = text;
      await writeFile(`${list}.new`, text);
      await rename(`${list}.new`, list);
    };
    await writeTargets();
    await writeFile(join(directory, 'prometheus.yml'), configuration(list));
    const args = [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
    ];
    const server = await startProcess({
      name: 'Prometheus',
      command: await dieWithParent({ file: binary, args }, 'TERM'),
      pidFile: join(directory, 'prometheus.pid'),
      ready: async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true,
      readyTimeoutMs: READY_MS,
      stopSteps: [{ signal: 'SIGTERM', waitMs: 10_000 }],
    });
    // A look that fails is made again soon: the state of a platform that starts is not always there.
    const watching = setInterval(() => void writeTargets().catch(() => undefined), LOOK_MS);
    return new OwnPrometheus(url, server, watching);
  }

  async stop(): Promise<void> {
    clearInterval(this.#watching);
    await this.#server.stop();
  }
}

function configuration(list: string): string {
  return JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '5s' },
    // Those that are shipped: what would have been told to whoever is on call.
    rule_files: [join(shipped, 'rules.yaml'), join(shipped, 'alerts.yaml')],
    scrape_configs: [
      {
        job_name: 'bundler',
        metrics_path: '/bundler_metrics',
        file_sd_configs: [{ files: [list], refresh_interval: '1s' }],
      },
    ],
  });
}
