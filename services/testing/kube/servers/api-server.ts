import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dieWithParent, freePort, type ManagedProcess, startProcess } from '@bundler/standalone/embedded';
import { ask, type KubeConnection } from '../connection.ts';
import { flags } from './flags.ts';

/** What an API server needs that outlives it, so that another can take its place. */
export interface ApiServerIdentity {
  readonly directory: string;
  readonly port: number;
  readonly token: string;
}

/** The certificate that the server makes for itself when there is none; its authority stands in the same file. */
const certificateOf = (directory: string): string => join(directory, 'certificates', 'apiserver.crt');
const accountKeyOf = (directory: string): string => join(directory, 'service-accounts.key');

/** Makes keys and an administrator's token. */
export async function createIdentity(directory: string): Promise<ApiServerIdentity> {
  const token = randomBytes(24).toString('hex');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'sec1', format: 'pem' });
  await writeFile(accountKeyOf(directory), pem, { mode: 0o600 });
  await writeFile(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return { directory, port: await freePort(), token };
}

/** How to reach the server of an identity once it has been started. */
export async function connectionOf({ directory, port, token }: ApiServerIdentity): Promise<KubeConnection> {
  return { url: `https://127.0.0.1:${port}`, token, ca: await readFile(certificateOf(directory), 'utf8') };
}

/**
 * Starts an API server with RBAC. Pods get no default service account: the controller that makes it may not be running.
 */
export async function startApiServer(
  binary: string,
  etcdUrl: string,
  identity: ApiServerIdentity,
): Promise<ManagedProcess> {
  const { directory, port } = identity;
  const accountKey = accountKeyOf(directory);
  const args = flags({
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'cert-dir': join(directory, 'certificates'),
    'token-auth-file': join(directory, 'tokens.csv'),
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': accountKey,
    'service-account-signing-key-file': accountKey,
    'disable-admission-plugins': 'ServiceAccount',
    'service-cluster-ip-range': '10.0.0.0/24',
    // Sorts requests of many users into fair queues; a test is one user, and it costs time at the start.
    'enable-priority-and-fairness': false,
    'allow-privileged': true,
  });
  return startProcess({
    name: 'kube-apiserver',
    command: await dieWithParent({ file: binary, args }, 'TERM'),
    pidFile: join(directory, 'kube-apiserver.pid'),
    ready: () => isReady(identity),
    readyTimeoutMs: 90_000,
    stopSteps: [],
  });
}

async function isReady(identity: ApiServerIdentity): Promise<boolean> {
  try {
    const { status } = await ask(await connectionOf(identity), { method: 'GET', path: '/readyz' });
    return status === 200;
  } catch {
    // No certificate yet, or nobody listens.
    return false;
  }
}
