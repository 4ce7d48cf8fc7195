import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectInCluster, connectWithKubeConfig } from './connection.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'connection-'));
});
afterEach(() => rm(directory, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);

describe('the connection of a pod', () => {
  beforeEach(() => Promise.all([write('ca.crt', ''), write('namespace', 'bundler\n'), write('token', 'one\n')]));

  test('is to the address in the environment, in the namespace of the pod', async () => {
    const connection = await connectInCluster({ host: '10.0.0.1', port: '443' }, directory);
    expect(connection).toMatchObject({ server: 'https://10.0.0.1:443', namespace: 'bundler' });
    const ipv6 = await connectInCluster({ host: 'fd00::1', port: '443' }, directory);
    expect(ipv6.server).toBe('https://[fd00::1]:443');
    await Promise.all([connection.close(), ipv6.close()]);
  });

  test('uses a token from the moment the kubelet wrote it', async () => {
    const connection = await connectInCluster({ host: '10.0.0.1', port: '443' }, directory);
    expect(await connection.authenticate(false)).toEqual({ authorization: 'Bearer one' });
    await write('token', 'two');
    expect(await connection.authenticate(false)).toEqual({ authorization: 'Bearer two' });
    await connection.close();
  });
});

describe('a connection by kubeconfig', () => {
  const kubeConfig = (user: object, cluster: object = {}): string =>
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'team' } }],
      clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }],
      users: [{ name: 'u', user }],
    });

  const connect = async (...parts: Parameters<typeof kubeConfig>) => {
    await write('config', kubeConfig(...parts));
    return connectWithKubeConfig(join(directory, 'config'));
  };

  test('has the server, namespace and token of the current context', async () => {
    const connection = await connect({ token: 'secret' });
    expect(connection).toMatchObject({ server: 'https://127.0.0.1:6443', namespace: 'team' });
    expect(await connection.authenticate(false)).toEqual({ Authorization: 'Bearer secret' });
    await connection.close();
  });

  test('reads a token file again when its token was refused', async () => {
    await write('token', 'one\n');
    const connection = await connect({ 'auth-provider': { config: { tokenFile: join(directory, 'token') } } });
    expect(await connection.authenticate(false)).toEqual({ Authorization: 'Bearer one' });
    await write('token', 'two\n');
    expect(await connection.authenticate(true)).toEqual({ Authorization: 'Bearer two' });
    await connection.close();
  });

  test('refuses a proxy by name instead of going around it', async () => {
    await expect(connect({ token: 't' }, { 'proxy-url': 'http://proxy:1' })).rejects.toThrow(/proxy-url of cluster k/);
  });
});
