import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { ObjectDamaged, ObjectNotFound, type ObjectStore, type ObjectWriter, type StoredObject } from './port.ts';
import { release } from './release.ts';

export interface S3Options {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly forcePathStyle: boolean;
  readonly maxSockets: number;
  /** Bytes of one part of a multipart upload, at least 5 MiB. */
  readonly partSize: number;
  /** Empty: the identity of the machine or pod. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** How long a connection may carry nothing before its request counts as failed, milliseconds. */
  readonly idleTimeout?: number;
}

/** A server that completes a large upload may be silent for as long as it copies the parts. */
const IDLE_TIMEOUT_MS = 60_000;

function createClient(options: S3Options): S3Client {
  const agent = { keepAlive: true, maxSockets: options.maxSockets };
  return new S3Client({
    region: options.region,
    ...(options.endpoint === '' ? {} : { endpoint: options.endpoint }),
    forcePathStyle: options.forcePathStyle,
    ...(options.accessKeyId === ''
      ? {}
      : { credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey } }),
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: 5000,
      // Not `requestTimeout`: that limits a whole request, however well its bytes flow.
      socketTimeout: options.idleTimeout ?? IDLE_TIMEOUT_MS,
    },
  });
}

/** Objects in one bucket of an S3-compatible server. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #options: S3Options;

  constructor(options: S3Options) {
    this.#options = options;
    this.#client = createClient(options);
  }

  async put(key: string, pieces: readonly Buffer[]): Promise<void> {
    // One buffer, because the client must be able to send it again when the first try fails.
    const body = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    await this.#client.send(new PutObjectCommand({ ...this.#at(key), Body: body }));
  }

  async createWriter(key: string): Promise<ObjectWriter> {
    return new MultipartWriter(this.#client, this.#at(key), this.#options.partSize);
  }

  async *read(key: string, start: number, end: number): AsyncIterable<Buffer> {
    if (end <= start) return;
    let received = 0;
    try {
      const answer = await this.#client.send(
        new GetObjectCommand({ ...this.#at(key), Range: `bytes=${start}-${end - 1}` }),
      );
      for await (const piece of answer.Body as Readable) {
        received += (piece as Buffer).length;
        yield piece as Buffer;
      }
    } catch (error) {
      throw isMissing(error) ? new ObjectNotFound(key, { cause: error }) : error;
    }
    if (received !== end - start) {
      const byteCount = start + received;
      throw new ObjectDamaged(key, byteCount, `object ${key} ends at byte ${byteCount}; ${end} bytes were expected`);
    }
  }

  /** The pieces are the connection's own buffers, which cannot be used again. */
  readTransient(key: string, start: number, end: number): AsyncIterable<Buffer> {
    return this.read(key, start, end);
  }

  async delete(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#at(key)));
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#options.bucket,
          Prefix: prefix,
          ...(token ? { ContinuationToken: token } : {}),
        }),
      );
      for (const object of page.Contents ?? []) {
        yield {
          key: object.Key!,
          byteCount: object.Size ?? 0,
          modifiedAt: object.LastModified?.getTime() ?? Date.now(),
        };
      }
      token = page.NextContinuationToken;
    } while (token);
  }

  async sweepAbandoned(olderThanMs: number): Promise<number> {
    let swept = 0;
    const page = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.#options.bucket }));
    for (const upload of page.Uploads ?? []) {
      if ((upload.Initiated?.getTime() ?? Date.now()) > Date.now() - olderThanMs) continue;
      await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(upload.Key!), UploadId: upload.UploadId }));
      swept += 1;
    }
    return swept;
  }

  async check(): Promise<void> {
    const { bucket, endpoint } = this.#options;
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: bucket }));
    } catch (error) {
      // The answer to HEAD has no body, and so the client's error no words.
      const reason = error instanceof S3ServiceException ? `HTTP ${error.$metadata.httpStatusCode}` : String(error);
      throw new Error(`bucket ${bucket} at ${endpoint || 'AWS'} cannot be used: ${reason}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#options.bucket, Key: key };
  }
}

/**
 * Sends a part while the next is filled. Two part buffers, used in turn, are all the memory it takes, whatever the
 * object's size; gathering pieces and joining them was measured at three times that.
 */
class MultipartWriter implements ObjectWriter {
  readonly #client: S3Client;
  readonly #target: { Bucket: string; Key: string };
  readonly #partSize: number;
  readonly #aborting = new AbortController();
  #uploadId: string | undefined;
  #filling: Buffer | undefined;
  #filled = 0;
  #spare: Buffer | undefined;
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown;
  readonly #parts: CompletedPart[] = [];

  constructor(client: S3Client, target: { Bucket: string; Key: string }, partSize: number) {
    this.#client = client;
    this.#target = target;
    this.#partSize = partSize;
  }

  async write(piece: Buffer): Promise<void> {
    for (let rest = piece; rest.length > 0; ) {
      if (this.#failure) throw this.#failure;
      this.#filling ??= Buffer.allocUnsafeSlow(this.#partSize);
      const taken = rest.copy(this.#filling, this.#filled);
      this.#filled += taken;
      rest = rest.subarray(taken);
      // Every part has the same size but the last: some servers insist.
      if (this.#filled === this.#partSize) await this.#sendPart();
    }
    release(piece);
  }

  async commit(): Promise<void> {
    if (this.#uploadId === undefined) {
      await this.#client.send(new PutObjectCommand({ ...this.#target, Body: this.#filledBytes() }));
      return;
    }
    if (this.#filled > 0) await this.#sendPart();
    await this.#sending;
    const UploadId = this.#uploadId;
    const MultipartUpload = { Parts: this.#parts };
    await this.#client.send(new CompleteMultipartUploadCommand({ ...this.#target, UploadId, MultipartUpload }));
    this.#uploadId = undefined;
  }

  async abort(): Promise<void> {
    this.#aborting.abort();
    await this.#sending.catch(() => undefined);
    if (this.#uploadId === undefined) return;
    try {
      await this.#client.send(new AbortMultipartUploadCommand({ ...this.#target, UploadId: this.#uploadId }));
    } catch (error) {
      // It is gone: completed by a commit whose answer was lost, swept, or aborted before.
      if (!(error instanceof S3ServiceException && error.name === 'NoSuchUpload')) throw error;
    }
    this.#uploadId = undefined;
  }

  #filledBytes(): Buffer {
    return this.#filling?.subarray(0, this.#filled) ?? Buffer.alloc(0);
  }

  async #sendPart(): Promise<void> {
    this.#uploadId ??= await this.#begin();
    await this.#sending;
    const body = this.#filledBytes();
    [this.#filling, this.#spare, this.#filled] = [this.#spare, this.#filling, 0];
    this.#sending = this.#upload(this.#uploadId, body);
    this.#sending.catch((error: unknown) => {
      this.#failure = error;
    });
  }

  async #begin(): Promise<string> {
    // Declared, because the client sends a CRC32 with each part: AWS then checks it against that of the completion,
    // and some servers refuse the completion of what was not declared.
    const answer = await this.#client.send(
      new CreateMultipartUploadCommand({ ...this.#target, ChecksumAlgorithm: 'CRC32' }),
    );
    return answer.UploadId!;
  }

  async #upload(UploadId: string, Body: Buffer): Promise<void> {
    const PartNumber = this.#parts.length + 1;
    const { ETag, ChecksumCRC32 } = await this.#client.send(
      new UploadPartCommand({ ...this.#target, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' }),
      { abortSignal: this.#aborting.signal },
    );
    this.#parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }
}

/** By its code, not by the 404 alone: a missing bucket answers that too, and would make every item look lost. */
function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'NoSuchKey';
}
