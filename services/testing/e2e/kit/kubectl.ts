import { type ChildProcess, spawn } from 'node:child_process';
import { CommandFailed, runCommand } from './command.ts';
import type { KubeList, KubeObject } from './objects.ts';

/** The cluster, as a person with kubectl meets it. Namespaced calls go to `namespace` unless told otherwise. */
export class Kubectl {
  readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  in(namespace: string): Kubectl {
    return new Kubectl(namespace);
  }

  run(args: readonly string[], options: { input?: string; timeoutMs?: number } = {}): Promise<string> {
    return runCommand('kubectl', ['--namespace', this.namespace, ...args], options);
  }

  async get<T extends KubeObject>(kind: string, name: string): Promise<T> {
    return JSON.parse(await this.run(['get', kind, name, '--output=json'])) as T;
  }

  /** Undefined when there is no such object. */
  async find<T extends KubeObject>(kind: string, name: string): Promise<T | undefined> {
    const text = await this.run(['get', kind, name, '--output=json', '--ignore-not-found']);
    return text === '' ? undefined : (JSON.parse(text) as T);
  }

  async list<T extends KubeObject>(kinds: string, selector = ''): Promise<T[]> {
    const args = ['get', kinds, '--output=json', ...(selector ? [`--selector=${selector}`] : [])];
    return (JSON.parse(await this.run(args)) as KubeList<T>).items;
  }

  /** Creates or changes objects as they are given. */
  apply(objects: readonly object[]): Promise<string> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    return this.run(['apply', '--server-side', '--force-conflicts', '--field-manager=e2e', '--filename=-'], { input });
  }

  /** A JSON merge patch, which is what `kubectl edit` of a custom resource sends. */
  patch(kind: string, name: string, patch: object): Promise<string> {
    return this.run(['patch', kind, name, '--type=merge', `--patch=${JSON.stringify(patch)}`]);
  }

  /** Why the API server refused a patch. @throws Error when it did not */
  async refusal(kind: string, name: string, patch: object): Promise<string> {
    try {
      await this.patch(kind, name, patch);
    } catch (error) {
      if (error instanceof CommandFailed) return error.stderr.trim();
      throw error;
    }
    throw new Error(`${kind}/${name} took ${JSON.stringify(patch)}, and should have refused it`);
  }

  waitFor(what: string, condition: string, seconds: number): Promise<string> {
    const args = ['wait', what, `--for=${condition}`, `--timeout=${seconds}s`];
    return this.run(args, { timeoutMs: (seconds + 10) * 1000 });
  }

  /** Starts kubectl and leaves it running. */
  start(args: readonly string[]): ChildProcess {
    return spawn('kubectl', ['--namespace', this.namespace, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
