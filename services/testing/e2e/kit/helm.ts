import { runCommand } from './command.ts';

export interface Release {
  readonly name: string;
  readonly chart: string;
  readonly namespace: string;
  readonly values: object;
}

/** Helm, with values as an object. */
export class Helm {
  readonly #binary: string;

  constructor(binary: string) {
    this.#binary = binary;
  }

  /** Installs a release or upgrades it; waits until Deployments and Jobs are ready when told to. */
  install({ name, chart, namespace, values }: Release, wait: boolean): Promise<string> {
    const args = ['upgrade', '--install', name, chart, '--namespace', namespace, '--values=-', '--timeout=4m'];
    return this.#run(wait ? [...args, '--wait', '--wait-for-jobs'] : args, JSON.stringify(values));
  }

  /** Everything the chart says, judged by the API server, nothing kept. */
  dryRun({ name, chart, namespace, values }: Release): Promise<string> {
    const args = ['install', name, chart, '--namespace', namespace, '--values=-', '--dry-run=server'];
    return this.#run(args, JSON.stringify(values));
  }

  test(name: string, namespace: string, seconds: number): Promise<string> {
    return this.#run(['test', name, '--namespace', namespace, '--logs', `--timeout=${seconds}s`]);
  }

  uninstall(name: string, namespace: string): Promise<string> {
    return this.#run(['uninstall', name, '--namespace', namespace, '--wait', '--timeout=3m', '--ignore-not-found']);
  }

  #run(args: readonly string[], input = ''): Promise<string> {
    return runCommand(this.#binary, args, { input, timeoutMs: 330_000 });
  }
}
