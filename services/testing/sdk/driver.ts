/**
 * The process that has the SDK: told by messages what to do with it, it answers with what came of it. The argument
 * is the directory in which the SDK is installed.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Receipt } from '@bundler/client';
import type { SdkAnswer, SdkCall, SdkTag, SdkTask, SdkTasks, SdkWallet, Uploaded } from '../src/turbo-sdk/protocol.ts';

interface Events {
  readonly onUploadProgress: (event: { totalBytes: number; processedBytes: number }) => void;
}
type Stream = Buffer | Readable;
interface ItemOptions {
  readonly tags: SdkTag[];
  readonly paidBy?: string | string[];
}

/** As much of the SDK as is used here; its own types are not there before it is installed. */
interface Turbo {
  readonly signer: { getNativeAddress(): Promise<string> };
  upload(params: { data: Uint8Array; dataItemOpts: ItemOptions; events: Events }): Promise<Receipt>;
  uploadFile(params: {
    fileStreamFactory: () => Stream;
    fileSizeFactory: () => number;
    dataItemOpts: ItemOptions;
    chunkingMode: 'auto' | 'force';
    events: Events;
  }): Promise<Receipt>;
  uploadFolder(params: { folderPath: string; maxConcurrentUploads: number }): Promise<{
    manifest: { paths: Record<string, { id: string }> };
    manifestResponse: Receipt;
    fileResponses: Receipt[];
  }>;
  uploadSignedDataItem(params: {
    dataItemStreamFactory: () => Stream;
    dataItemSizeFactory: () => number;
    signal: AbortSignal;
    events: Events;
  }): Promise<Receipt>;
  uploadRawX402Data(params: { data: Uint8Array; tags: SdkTag[] }): Promise<Receipt>;
}
interface Config {
  readonly uploadServiceConfig: {
    readonly url: string;
    readonly retryConfig: { retries: number; retryDelay: () => number; onRetry: () => void };
  };
}
interface Polling {
  readonly initialBackoffMs: number;
  readonly maxAttempts: number;
  readonly pollingIntervalMs: number;
}
interface Sdk {
  readonly TurboFactory: {
    authenticated(
      config: Partial<Config> & { token: string; privateKey: SdkWallet['privateKey']; tokenTools?: unknown },
    ): Turbo;
    unauthenticated(config: Config & { token?: string }): Turbo;
  };
  readonly defaultTokenMap: Readonly<
    Record<string, (config: { gatewayUrl: string; pollingOptions: Polling }) => unknown>
  >;
}

const RETRIES = 5;
const RETRY_DELAY_MS = 10;
/** Its own patience with Ethereum begins with 25 seconds. */
const POLLING: Polling = { initialBackoffMs: 50, maxAttempts: 100, pollingIntervalMs: 50 };

const [installDir = '.'] = process.argv.slice(2);
const { TurboFactory, defaultTokenMap } = createRequire(join(installDir, 'package.json'))(
  '@ardrive/turbo-sdk/node',
) as Sdk;

const itemOptions = (tags: readonly SdkTag[], paidBy: string | string[] | undefined): ItemOptions => ({
  tags: [...tags],
  ...(paidBy !== undefined && { paidBy }),
});

/** Watches one upload: the SDK asks for the delay before each retry of a whole upload. */
function watch(url: string) {
  const seen: { retries: number; progress: Uploaded['progress'] } = { retries: 0, progress: undefined };
  const retryDelay = (): number => {
    seen.retries += 1;
    return RETRY_DELAY_MS;
  };
  const config: Config = {
    uploadServiceConfig: { url, retryConfig: { retries: RETRIES, retryDelay, onRetry: () => undefined } },
  };
  const events: Events = {
    onUploadProgress: (event) => {
      seen.progress = event;
    },
  };
  return { config, events, uploaded: (receipt: Receipt): Uploaded => ({ receipt, ...seen }) };
}

/** The SDK's own means to pay in a token, with another node and less patience. */
function payingThrough({ node, token }: SdkWallet): { tokenTools?: unknown } {
  if (node === undefined) return {};
  return { tokenTools: defaultTokenMap[token]!({ gatewayUrl: node, pollingOptions: POLLING }) };
}

let aborting = new AbortController();

/** The SDK takes all that a stream has at once, so only one that stops leaves an upload under way. */
async function* firstHalf(item: Uint8Array, stopped: AbortSignal): AsyncGenerator<Uint8Array> {
  yield item.subarray(0, item.length / 2);
  await once(stopped, 'abort');
}

const tasks: { [K in SdkTask]: (params: SdkTasks[K]['params']) => Promise<SdkTasks[K]['result']> } = {
  nativeAddress: ({ wallet }) => TurboFactory.authenticated(wallet).signer.getNativeAddress(),

  upload: async ({ url, wallet, data, tags = [], paidBy }) => {
    const { config, events, uploaded } = watch(url);
    const turbo = TurboFactory.authenticated({ ...config, ...wallet });
    return uploaded(await turbo.upload({ data, dataItemOpts: itemOptions(tags, paidBy), events }));
  },

  uploadFile: async ({ url, wallet, file, tags = [], paidBy, inParts = false, changing = false }) => {
    const { config, events, uploaded } = watch(url);
    const turbo = TurboFactory.authenticated({ ...config, ...wallet });
    const receipt = await turbo.uploadFile({
      fileStreamFactory: () => (changing ? randomBytes(statSync(file).size) : createReadStream(file)),
      fileSizeFactory: () => statSync(file).size,
      dataItemOpts: itemOptions(tags, paidBy),
      chunkingMode: inParts ? 'force' : 'auto',
      events,
    });
    return uploaded(receipt);
  },

  uploadFolder: async ({ url, wallet, folder }) => {
    const turbo = TurboFactory.authenticated({ ...watch(url).config, ...wallet });
    const answer = await turbo.uploadFolder({ folderPath: folder, maxConcurrentUploads: 3 });
    return { manifest: answer.manifest, receipts: [...answer.fileResponses, answer.manifestResponse] };
  },

  uploadSignedDataItem: async ({ url, item, stall = false }) => {
    const { signal } = aborting;
    const { config, events, uploaded } = watch(url);
    const receipt = await TurboFactory.unauthenticated(config).uploadSignedDataItem({
      dataItemStreamFactory: () => (stall ? Readable.from(firstHalf(item, signal)) : Buffer.from(item)),
      dataItemSizeFactory: () => item.length,
      signal,
      events,
    });
    return uploaded(receipt);
  },

  uploadUnsigned: async ({ url, data, tags, privateKey }) => {
    // The only token for which the SDK has this call.
    const config = { ...watch(url).config, token: 'base-usdc' };
    const turbo = privateKey
      ? TurboFactory.authenticated({ ...config, privateKey })
      : TurboFactory.unauthenticated(config);
    return turbo.uploadRawX402Data({ data, tags: [...tags] });
  },

  call: async ({ url, paymentUrl, wallet, method, args }) => {
    const { config } = watch(url);
    const both = { ...config, paymentServiceConfig: { ...config.uploadServiceConfig, url: paymentUrl } };
    const turbo = wallet
      ? TurboFactory.authenticated({ ...both, ...wallet, ...payingThrough(wallet) })
      : TurboFactory.unauthenticated(both);
    return (turbo as unknown as Record<string, (...given: unknown[]) => unknown>)[method]!(...args);
  },

  abort: async () => {
    aborting.abort();
    aborting = new AbortController();
  },
};

function run<T extends SdkTask>(task: T, params: SdkTasks[T]['params']): Promise<SdkTasks[T]['result']> {
  return tasks[task](params);
}

async function answer({ call, task, params }: SdkCall): Promise<SdkAnswer> {
  try {
    return { call, result: await run(task, params) };
  } catch (error) {
    const { name, message, status } = error as Error & { status?: number };
    return { call, error: { name, message, status } };
  }
}

process.on('message', (call: SdkCall) => void answer(call).then((message) => process.send?.(message)));
// Whoever told it what to do is gone.
process.on('disconnect', () => process.exit());
