import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Printer } from './printers/printer.ts';

/** Folders in which every file is a printed one. */
const printedFolders = [
  'docs/reference',
  'docs/runbooks',
  'operator/runbooks',
  'dashboards/grafana',
  'dashboards/prometheus',
  'charts/bundler-operator/files/dashboards',
  'charts/bundler-operator/files/rules',
];

/** Prints everything and writes what differs. @returns the paths that were written */
export async function writeGenerated(root: string, printers: readonly Printer[]): Promise<string[]> {
  const written: string[] = [];
  for (const { path, text, onDisk } of await compare(root, printers)) {
    if (text === onDisk) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    written.push(path);
  }
  return written;
}

/** Prints everything into memory and compares. @returns one line for each file that is not as it should be */
export async function findStale(root: string, printers: readonly Printer[]): Promise<string[]> {
  const compared = await compare(root, printers);
  const printed = new Set(compared.map(({ path }) => path));
  const found = await Promise.all(printedFolders.map((folder) => filesIn(root, folder)));
  const strays = found.flat().filter((path) => !printed.has(path));
  return [
    ...compared
      .filter(({ text, onDisk }) => text !== onDisk)
      .map(({ path, onDisk }) => `${path} is ${onDisk === undefined ? 'missing' : 'not what its source says'}`),
    ...strays.map((path) => `${path} is printed by nothing; delete it or move it elsewhere`),
  ];
}

async function compare(root: string, printers: readonly Printer[]) {
  return Promise.all(
    printers.map(async ({ path, print }) => ({ path, text: await print(), onDisk: await read(join(root, path)) })),
  );
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function filesIn(root: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.map((file) => file.slice(root.length + 1).replaceAll('\\', '/')).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
