import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from './platform.ts';
import { until } from './until.ts';

/** The file through which the operator changes the settings of running processes. */
export class LiveSettingsFile {
  readonly #directory: string;
  #generation = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async create(): Promise<LiveSettingsFile> {
    const file = new LiveSettingsFile(await mkdtemp(join(tmpdir(), 'bundler-live-')));
    await file.#write({});
    return file;
  }

  /** What `LIVE_SETTINGS_FILE` is to say. */
  get path(): string {
    return join(this.#directory, 'live.json');
  }

  /** Changes settings; resolves when every process obeys them. */
  async change(platform: Platform, settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#write(settings);
    for (const { adminUrl } of platform.processes) {
      await until(async () => {
        const report = (await (await fetch(`${adminUrl}/settings`)).json()) as { generation: number };
        return report.generation === this.#generation;
      });
    }
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #write(settings: Readonly<Record<string, string>>): Promise<void> {
    this.#generation += 1;
    const next = join(this.#directory, 'next.json');
    await writeFile(next, JSON.stringify({ generation: this.#generation, settings }));
    await rename(next, this.path);
  }
}
