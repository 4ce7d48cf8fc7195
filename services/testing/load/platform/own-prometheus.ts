import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dieWithParent, freePort, type ManagedProcess, startProcess } from '@bundler/standalone/embedded';

const shipped = join(import.meta.dirname, '../../../../dashboards/prometheus');
const READY_MS = 60_000;
const LOOK_MS = 500;
/** As Prometheus has it by default. */
const MAX_SCRAPE_SECONDS = 10;

/** A process that is scraped, and the labels that its series get. */
export interface Target {
  readonly address: string;
  readonly component: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Options {
  /** The program. */
  readonly binary: string;
  /** Made by the caller; what is kept is in it. */
  readonly directory: string;
  /** Who is to be scraped, asked again and again: processes come and go. */
  readonly targets: () => Promise<readonly Target[]>;
  /** Seconds from one scrape to the next; 1, if nothing is said. */
  readonly scrapeSeconds?: number;
  /** Seconds from one look at the rules to the next; 5, if nothing is said. */
  readonly evaluationSeconds?: number;
  /** Address of the Alertmanager that is told what fires. */
  readonly alertmanager?: string;
  /** Address of the operator, whose series carry the namespace of the BundlerConfig that they are about. */
  readonly operator?: string;
}

/** A Prometheus with the rules that are shipped, for as long as a run lasts; it takes what k6 says too. */
export class OwnPrometheus {
  readonly url: string;
  readonly #server: ManagedProcess;
  readonly #watching: NodeJS.Timeout;

  private constructor(url: string, server: ManagedProcess, watching: NodeJS.Timeout) {
    this.url = url;
    this.#server = server;
    this.#watching = watching;
  }

  static async start(options: Options): Promise<OwnPrometheus> {
    const { binary, directory, targets } = options;
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const list = join(directory, 'targets.json');
    let written = '';
    const writeTargets = async (): Promise<void> => {
      const groups = (await targets()).map(({ address, component, labels }) => ({
        targets: [address],
        labels: { component, ...labels },
      }));
      const text = JSON.stringify(groups);
      if (text === written) return;
      written = text;
      await writeFile(`${list}.new`, text);
      await rename(`${list}.new`, list);
    };
    await writeTargets();
    await writeFile(join(directory, 'prometheus.yml'), configuration(list, options));
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

function configuration(list: string, options: Options): string {
  const { alertmanager, evaluationSeconds = 5, operator, scrapeSeconds = 1 } = options;
  const ofOperator = {
    job_name: 'bundler-operator',
    honor_labels: true,
    static_configs: [{ targets: [operator], labels: { component: 'operator', pod: 'bundler-operator-1' } }],
  };
  return JSON.stringify({
    global: {
      scrape_interval: `${scrapeSeconds}s`,
      scrape_timeout: `${Math.min(scrapeSeconds, MAX_SCRAPE_SECONDS)}s`,
      evaluation_interval: `${evaluationSeconds}s`,
    },
    // Those that are shipped: what would have been told to whoever is on call.
    rule_files: [join(shipped, 'rules.yaml'), join(shipped, 'alerts.yaml')],
    ...(alertmanager === undefined
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
    scrape_configs: [
      {
        job_name: 'bundler',
        metrics_path: '/bundler_metrics',
        file_sd_configs: [{ files: [list], refresh_interval: '1s' }],
      },
      ...(operator === undefined ? [] : [ofOperator]),
    ],
  });
}
