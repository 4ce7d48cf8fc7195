import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProgramName } from './names.ts';
import { verifyProgram } from './verify.ts';

/** A published archive of etcd, kube-apiserver and kubectl; no controller manager is in it. */
export interface Archive {
  readonly version: string;
  readonly url: string;
  /** Of the whole file, hexadecimal. */
  readonly sha512: string;
}

export const archivedPrograms: readonly ProgramName[] = ['etcd', 'kube-apiserver'];

/** Checksums from `envtest-releases.yaml` of kubernetes-sigs/controller-tools, by platform and architecture of Node. */
const VERSION = 'v1.34.1';
const RELEASES = 'https://github.com/kubernetes-sigs/controller-tools/releases/download';
const checksums: Readonly<Record<string, { platform: string; sha512: string }>> = {
  'linux-x64': {
    platform: 'linux-amd64',
    sha512:
      'c5e7c237ae18a8c65d0df1214b864ecd19aa9ff4f1383dbd477c202546d778c0f74efe15750ec38f57d8de26ba17cd62f404446cdd3c975399a5d4589de35cdd',
  },
  'linux-arm64': {
    platform: 'linux-arm64',
    sha512:
      'bf13d2456183e66d084e28e1c9eed6a408fb77a06d8d1fd0461a7d9bc0c90b63d29ea67870b28f80d1f992acb026007d6f43987753c859c81d6a78bc1ca2c903',
  },
  'darwin-x64': {
    platform: 'darwin-amd64',
    sha512:
      'd9e0464dc1708c36ab41147b5e364c8b8e201eafc14c299dcbe58ebeaa82c651b8e834647167a951ded8c6d08c616aadbae1673a54743f9c8fa15a278c78c0c0',
  },
  'darwin-arm64': {
    platform: 'darwin-arm64',
    sha512:
      '43d7c10b74100d20044df7c73be03e26f8243a9cb7c1d3035e581ee7bb0c7ffcaf759b9e182186b5bb2f47d1608835414ca443181a02d9ecb6c9cf04b43e3809',
  },
};

/** The archive for a machine, named as Node names it (`linux-x64`); undefined when none is published. */
export function archiveFor(machine: string): Archive | undefined {
  const found = checksums[machine];
  if (found === undefined) return undefined;
  const url = `${RELEASES}/envtest-${VERSION}/envtest-${VERSION}-${found.platform}.tar.gz`;
  return { version: VERSION, url, sha512: found.sha512 };
}

/** How long the server may take to answer at all, and then to send everything, milliseconds. */
const ANSWER_MS = 5000;
const DOWNLOAD_MS = 180_000;

/**
 * Downloads the archive and puts its servers into `directory`.
 *
 * @throws Error when it cannot be reached, is not what was published, or does not run here
 */
export async function unpackArchive({ url, sha512 }: Archive, directory: string): Promise<void> {
  const bytes = await download(url);
  const actual = createHash('sha512').update(bytes).digest('hex');
  if (actual !== sha512) throw new Error(`${url} has the SHA-512 ${actual}, expected ${sha512}`);
  const work = `${directory}.unpack-${process.pid}`;
  await mkdir(work, { recursive: true });
  try {
    const file = join(work, 'archive.tar.gz');
    await writeFile(file, bytes);
    await promisify(execFile)('tar', ['-xzf', file, '-C', work]);
    await mkdir(directory, { recursive: true });
    for (const name of archivedPrograms) {
      const unpacked = join(work, 'controller-tools', 'envtest', name);
      await verifyProgram(name, unpacked);
      await rename(unpacked, join(directory, name));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(url: string): Promise<Buffer> {
  const abort = new AbortController();
  let limit = setTimeout(() => abort.abort(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  try {
    const answer = await fetch(url, { signal: abort.signal });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    clearTimeout(limit);
    limit = setTimeout(() => abort.abort(new Error(`not complete within ${DOWNLOAD_MS} ms`)), DOWNLOAD_MS);
    return Buffer.from(await answer.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`${url}: ${(cause as Error | undefined)?.message || message}`, { cause: error });
  } finally {
    clearTimeout(limit);
  }
}
