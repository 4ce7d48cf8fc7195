import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Agent, type Dispatcher } from 'undici';

/** Where the API server is, who we are to it, and the sockets to it. */
export interface Connection {
  /** Base URL without a closing slash. */
  readonly server: string;
  /** Where this process runs, or what the kubeconfig's context says. */
  readonly namespace: string;
  readonly dispatcher: Dispatcher;
  /** The headers that authenticate a request. `fresh`: whatever is remembered was refused. */
  authenticate(fresh: boolean): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Where the kubelet mounts the service account of a pod. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Sockets to one API server. HTTP/1.1, so that a watch that stalls is a socket of its own and its end closes it; over
 * HTTP/2 one dead connection would silence every watch at once. Our own deadlines replace those of the pool, which
 * would cut a quiet watch.
 */
export function createDispatcher(tls: object): Agent {
  return new Agent({
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS, keepAlive: true, ...tls },
  });
}

/**
 * The connection of a pod. The token is read for each request: the kubelet replaces it within its lifetime, and the
 * read is of memory. The certificate of the cluster is read once; when that is replaced the watches fail, the
 * liveness probe with them, and the new process reads the new one.
 *
 * @param address `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`
 */
export async function connectInCluster(
  address: { host: string; port: string },
  directory: string = SERVICE_ACCOUNT_DIRECTORY,
): Promise<Connection> {
  const [ca, namespace] = await Promise.all([
    readFile(join(directory, 'ca.crt')),
    readFile(join(directory, 'namespace'), 'utf8'),
  ]);
  const dispatcher = createDispatcher({ ca });
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    server: `https://${host}:${address.port}`,
    namespace: namespace.trim(),
    dispatcher,
    authenticate: async () => {
      const token = await readFile(join(directory, 'token'), 'utf8');
      return { authorization: `Bearer ${token.trim()}` };
    },
    close: () => dispatcher.destroy(),
  };
}

/**
 * A connection as a kubeconfig describes it: certificates, tokens, exec plugins, OIDC.
 * @param path the file, or several with the platform's delimiter
 * @param contextName another context than the current one
 */
export async function connectWithKubeConfig(path: string, contextName?: string): Promise<Connection> {
  // Loaded only here: it costs 60 MB of memory and seconds of start that a pod does not need.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const [first = path, ...others] = path.split(delimiter).filter((file) => file !== '');
  config.loadFromFile(first);
  for (const file of others) {
    const more = new KubeConfig();
    more.loadFromFile(file);
    config.mergeConfig(more, true);
  }
  if (contextName !== undefined) config.setCurrentContext(contextName);
  const cluster = config.getCurrentCluster();
  const context = config.getContextObject(config.getCurrentContext());
  if (!cluster || !context) {
    throw new Error(
      `${path} has no usable ${contextName === undefined ? 'current context' : `context "${contextName}"`}`,
    );
  }
  if (cluster.proxyUrl) throw new Error(`${path}: proxy-url of cluster ${cluster.name} is not supported`);
  const dispatcher = createDispatcher(await tlsOf(config));
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace ?? 'default',
    dispatcher,
    authenticate: (fresh) => headersOf(config, fresh),
    close: () => dispatcher.destroy(),
  };
}

type Config = import('@kubernetes/client-node').KubeConfig;

/** What the library would give to `https.request`. */
interface HttpsOptions {
  headers?: Record<string, string>;
  auth?: string;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  pfx?: Buffer;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** The library's own dispatcher is not used: 2.0 opens a new pool for each request and never closes it. */
async function tlsOf(config: Config): Promise<object> {
  const options: HttpsOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

async function headersOf(config: Config, fresh: boolean): Promise<Record<string, string>> {
  const options: HttpsOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers = { ...options.headers };
  if (options.auth !== undefined) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  // The library remembers a token file for a minute, also after its token was refused.
  const file = fresh ? tokenFileOf(config) : undefined;
  if (file !== undefined) headers.Authorization = `Bearer ${await readFile(file, 'utf8')}`;
  for (const [name, value] of Object.entries(headers)) headers[name] = value.trim();
  return headers;
}

function tokenFileOf(config: Config): string | undefined {
  const provider: unknown = config.getCurrentUser()?.authProvider;
  return (provider as { config?: { tokenFile?: string } } | undefined)?.config?.tokenFile;
}
