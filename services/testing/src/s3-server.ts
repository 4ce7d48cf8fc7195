import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import type { S3Options } from '@bundler/adapters';
import { defaultCacheDir, freePort } from '@bundler/standalone/embedded';
import { goProgram } from './tools/go-program.ts';
import { startVersitygw, VERSITYGW } from './tools/versitygw.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Connection = Pick<S3Options, 'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'>;

/** A real S3 server with an empty bucket for one test file. */
export interface S3Server {
  readonly options: S3Options;
  /** Makes the server unreachable until `resume`; its objects stay. Throws when the server is not ours. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Deletes the bucket, and ends the server if it is ours. */
  close(): Promise<void>;
}

/** Where a test gets its S3 server from. */
export interface S3Source {
  /** Why there is none on this machine, and what to do about it; undefined when there is one. */
  readonly missing: string | undefined;
  /** Why `pause` and `resume` do not work; undefined when they do. */
  readonly notOurs: string | undefined;
  open(): Promise<S3Server>;
}

const NOT_OURS = 'the server at S3_TEST_ENDPOINT is not ours to stop';

/** The smallest part that S3 takes: tests reach several parts with few bytes. */
const PART_BYTES = 5 * 1024 * 1024;

/**
 * Finds an S3 server: the one at S3_TEST_ENDPOINT (with S3_TEST_ACCESS_KEY_ID, S3_TEST_SECRET_ACCESS_KEY and
 * S3_TEST_REGION), else versitygw from the cache, else built with Go, which takes minutes.
 */
export async function findS3(env: Environment, progress: (line: string) => void): Promise<S3Source> {
  const endpoint = env.S3_TEST_ENDPOINT;
  if (endpoint !== undefined && endpoint !== '') {
    const connection = {
      endpoint,
      region: env.S3_TEST_REGION || 'us-east-1',
      accessKeyId: env.S3_TEST_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.S3_TEST_SECRET_ACCESS_KEY ?? '',
    };
    return { missing: undefined, notOurs: NOT_OURS, open: () => openGiven(connection) };
  }
  try {
    const binary = await goProgram(VERSITYGW, { cacheDir: defaultCacheDir(env), env, progress });
    return { missing: undefined, notOurs: undefined, open: () => openOurs(binary) };
  } catch (error) {
    const missing = `no S3 server: set S3_TEST_ENDPOINT, or install Go (${(error as Error).message})`;
    const open = () => Promise.reject(new Error(missing));
    return { missing, notOurs: undefined, open };
  }
}

async function openGiven(connection: Connection): Promise<S3Server> {
  const bucket = await makeBucket(connection);
  const refuse = () => Promise.reject(new Error(NOT_OURS));
  return {
    options: optionsOf(connection, bucket),
    pause: refuse,
    resume: refuse,
    close: () => deleteBucket(connection, bucket),
  };
}

async function openOurs(binary: string): Promise<S3Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bundler-s3-'));
  const port = await freePort();
  const connection = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    accessKeyId: 'test-only',
    secretAccessKey: randomBytes(16).toString('hex'),
  };
  const start = () => startVersitygw({ ...connection, binary, dataDir, port });
  let server = await start();
  return {
    options: optionsOf(connection, await makeBucket(connection)),
    pause: () => server.stop(),
    resume: async () => {
      server = await start();
    },
    close: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The settings by which a platform keeps its objects in such a server. */
export function s3Env(options: S3Options): Record<string, string> {
  return {
    OBJECT_STORE: 's3',
    S3_ENDPOINT: options.endpoint,
    S3_REGION: options.region,
    S3_BUCKET: options.bucket,
    S3_FORCE_PATH_STYLE: String(options.forcePathStyle),
    S3_PART_SIZE: String(options.partSize),
    S3_ACCESS_KEY_ID: options.accessKeyId,
    S3_SECRET_ACCESS_KEY: options.secretAccessKey,
  };
}

function optionsOf(connection: Connection, bucket: string): S3Options {
  return { ...connection, bucket, forcePathStyle: true, maxSockets: 16, partSize: PART_BYTES };
}

async function makeBucket(connection: Connection): Promise<string> {
  const bucket = `bundler-test-${randomBytes(6).toString('hex')}`;
  await withClient(connection, (client) => client.send(new CreateBucketCommand({ Bucket: bucket })));
  return bucket;
}

async function deleteBucket(connection: Connection, Bucket: string): Promise<void> {
  await withClient(connection, async (client) => {
    for (;;) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
      if (Contents.length === 0) break;
    }
    await client.send(new DeleteBucketCommand({ Bucket }));
  });
}

async function withClient<T>(connection: Connection, work: (client: S3Client) => Promise<T>): Promise<T> {
  const { accessKeyId, secretAccessKey, ...place } = connection;
  const client = new S3Client({ ...place, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
