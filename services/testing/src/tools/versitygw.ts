import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dieWithParent, type ManagedProcess, startProcess } from '@bundler/standalone/embedded';
import type { GoProgram } from './go-program.ts';

/** An S3 server (Apache-2.0) that refuses what AWS refuses: wrong signatures, checksums, parts and ranges. */
export const VERSITYGW: GoProgram = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
};

interface VersitygwOptions {
  readonly binary: string;
  /** Keeps buckets and objects; made when missing. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Starts the server over a directory and waits until it serves. */
export async function startVersitygw(options: VersitygwOptions): Promise<ManagedProcess> {
  // Object facts beside the objects: not every file system of a test machine has extended attributes.
  const [objects, facts] = [join(options.dataDir, 'objects'), join(options.dataDir, 'facts')];
  for (const directory of [objects, facts]) await mkdir(directory, { recursive: true });
  const address = `127.0.0.1:${options.port}`;
  const identity = ['--access', options.accessKeyId, '--secret', options.secretAccessKey];
  const place = ['--port', address, '--health', '/health', '--keep-alive', '--quiet'];
  const server = { file: options.binary, args: [...identity, ...place, 'posix', '--sidecar', facts, objects] };
  return startProcess({
    name: 'the S3 server',
    command: await dieWithParent(server, 'TERM'),
    pidFile: join(options.dataDir, 'pid'),
    ready: async () => (await fetch(`http://${address}/health`).catch(() => undefined))?.ok === true,
    readyTimeoutMs: 20_000,
    stopSteps: [{ signal: 'SIGTERM', waitMs: 2000 }],
  });
}
