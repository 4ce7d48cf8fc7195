import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';

const run = promisify(execFile);

/** What promtool says of files. */
export interface Verdict {
  readonly passed: boolean;
  readonly text: string;
}

/** `promtool` with files that are made for one question. */
export class Promtool {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whether it takes the rules, and finds nothing odd about them. */
  check(rules: object): Promise<Verdict> {
    return this.#ask({ 'rules.yaml': rules }, ['check', 'rules', '--lint=all', '--lint-fatal', 'rules.yaml']);
  }

  /** Whether the cases in `tests`, whose rule file is `rules.yaml`, hold for the rules. */
  test(rules: object, tests: object): Promise<Verdict> {
    return this.#ask({ 'rules.yaml': rules, 'tests.yaml': tests }, ['test', 'rules', 'tests.yaml']);
  }

  async #ask(files: Readonly<Record<string, object>>, args: readonly string[]): Promise<Verdict> {
    const directory = await mkdtemp(join(tmpdir(), 'promtool-'));
    try {
      for (const [name, content] of Object.entries(files)) {
        await writeFile(join(directory, name), stringify(content, { lineWidth: 0 }));
      }
      const named = args.map((arg) => (arg in files ? join(directory, arg) : arg));
      const { stdout } = await run(this.#file, named, { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 });
      return { passed: true, text: stdout };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
      // A number is promtool's own verdict; all else means that there was none.
      if (typeof code !== 'number') throw error;
      return { passed: false, text: `${stdout}\n${stderr}` };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}
