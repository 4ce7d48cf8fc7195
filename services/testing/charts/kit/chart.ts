import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CommandFailed, runCommand } from '../../e2e/kit/command.ts';

/** A rendered object, as far as tests look. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Pod {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly { readonly image: string; readonly [field: string]: unknown }[];
    readonly [field: string]: unknown;
  };
}

const charts = join(dirname(dirname(dirname(dirname(import.meta.dirname)))), 'charts');

/** What Helm takes the cluster for when it has none: one that `go install` made does not know a recent version by itself. */
const VERSION = '--kube-version=1.34.0';

/** One of our charts, as a person with Helm meets it. */
export class Chart {
  readonly #helm: string;
  readonly path: string;

  constructor(helm: string, name: 'bundler' | 'bundler-operator') {
    this.#helm = helm;
    this.path = join(charts, name);
  }

  /** `helm <command> <release> <this chart>` in a real cluster, with values. @returns what Helm says */
  run(command: 'install' | 'upgrade', place: Place, values: object = {}, ...flags: readonly string[]): Promise<string> {
    const { release, namespace, kubeconfig } = place;
    const where = [`--namespace=${namespace}`, `--kubeconfig=${kubeconfig}`, '--values=-'];
    return this.#run([command, release, this.path, ...where, ...flags], values);
  }

  uninstall({ release, namespace, kubeconfig }: Place): Promise<string> {
    return this.#run(['uninstall', release, `--namespace=${namespace}`, `--kubeconfig=${kubeconfig}`]);
  }

  lint(values: object = {}): Promise<string> {
    return this.#run(['lint', '--strict', VERSION, this.path, '--values=-'], values);
  }

  /** Every object of a release, the test's pod included. */
  async template(values: object = {}, release = 'demo', namespace = 'somewhere'): Promise<Rendered[]> {
    const flags = [`--namespace=${namespace}`, VERSION, '--values=-'];
    const text = await this.#run(['template', release, this.path, ...flags], values);
    return objectsIn(text);
  }

  /** Why Helm does not take the values. @throws Error when it does */
  async refusal(values: object, release = 'demo'): Promise<string> {
    try {
      await this.template(values, release);
    } catch (error) {
      if (error instanceof CommandFailed) return error.stderr;
      throw error;
    }
    throw new Error('Helm takes these values');
  }

  #run(args: readonly string[], values: object = {}): Promise<string> {
    return runCommand(this.#helm, args, { input: JSON.stringify(values), timeoutMs: 60_000 });
  }
}

/** A release in a cluster. */
export interface Place {
  readonly release: string;
  readonly namespace: string;
  readonly kubeconfig: string;
}

/** The objects of a file with several documents. */
export function objectsIn(text: string): Rendered[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return (document.toJS() as Rendered | null) ?? [];
  });
}

/** The pods that an object would make, in the form of its template. */
export function podsOf(object: Rendered): Pod[] {
  if (object.kind === 'Pod') return [object as unknown as Pod];
  const template = object.spec?.['template'];
  return template === undefined ? [] : [template as Pod];
}
