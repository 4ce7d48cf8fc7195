import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPrograms } from './find.ts';

const names = ['etcd', 'kube-apiserver'] as const;
const scripts = {
  etcd: '#!/bin/sh\necho "etcd Version: 3.6.4"\n',
  'kube-apiserver': '#!/bin/sh\necho "Kubernetes v1.34.1"\n',
};

let root: string;
let server: Server;
let lines: string[];
let archive: { version: string; url: string; sha512: string };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bundler-programs-'));
  lines = [];
  const packed = await pack(scripts);
  server = createServer((request, response) => {
    response.writeHead(request.url === '/archive.tar.gz' ? 200 : 404).end(packed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/archive.tar.gz`;
  archive = { version: 'v1.34.1', url, sha512: createHash('sha512').update(packed).digest('hex') };
});
afterEach(async () => {
  server.close();
  await rm(root, { recursive: true, force: true });
});

/** An environment without Go, and with a cache of its own. */
const env = () => ({ XDG_CACHE_HOME: join(root, 'cache'), PATH: join(root, 'bin') });
const progress = (line: string): void => void lines.push(line);

describe('findPrograms', () => {
  it('takes them from the folder that KUBEBUILDER_ASSETS names, and makes nothing', async () => {
    const directory = await unpacked(scripts);
    const found = await findPrograms(names, { env: { ...env(), KUBEBUILDER_ASSETS: directory }, progress });
    expect(found).toEqual({ etcd: join(directory, 'etcd'), 'kube-apiserver': join(directory, 'kube-apiserver') });
    expect(await readdir(root)).not.toContain('cache');
  });

  it('says so when KUBEBUILDER_ASSETS names a folder without them', async () => {
    const finding = findPrograms(names, { env: { ...env(), KUBEBUILDER_ASSETS: '/nowhere' }, progress });
    await expect(finding).rejects.toThrow(
      'KUBEBUILDER_ASSETS is /nowhere, where no executable etcd is; correct it or unset it',
    );
  });

  it('downloads the published archive once, also when two ask at the same time', async () => {
    let requests = 0;
    server.on('request', () => requests++);
    const options = { env: env(), progress, archive };
    const [found, same] = await Promise.all([findPrograms(names, options), findPrograms(names, options)]);
    expect(same).toEqual(found);
    expect(await readFile(found['kube-apiserver'], 'utf8')).toBe(scripts['kube-apiserver']);
    expect(requests).toBe(1);
    expect(lines).toEqual(['waiting for another process that makes a Kubernetes control plane']);
  });

  it('refuses an archive that is not what was published, and says what else it tried', async () => {
    const forged = { ...archive, sha512: '00' };
    await expect(findPrograms(names, { env: env(), progress, archive: forged })).rejects.toThrow(/ENOENT/);
    expect(lines[0]).toMatch(/^no published control plane \(.+ has the SHA-512 [0-9a-f]+, expected 00\)$/);
  });

  it('refuses programs that are something else than their names say', async () => {
    const packed = await pack({ ...scripts, etcd: '#!/bin/sh\necho "Redis 7"\n' });
    server.removeAllListeners('request').on('request', (_, response) => response.end(packed));
    const sha512 = createHash('sha512').update(packed).digest('hex');
    await expect(findPrograms(names, { env: env(), progress, archive: { ...archive, sha512 } })).rejects.toThrow();
    expect(lines[0]).toMatch(/etcd is no etcd: it calls itself "Redis 7"/);
  });
});

async function unpacked(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = join(root, 'packing', 'controller-tools', 'envtest');
  await mkdir(directory, { recursive: true });
  for (const [name, script] of Object.entries(files)) {
    await writeFile(join(directory, name), script);
    await chmod(join(directory, name), 0o755);
  }
  return directory;
}

async function pack(files: Readonly<Record<string, string>>): Promise<Buffer> {
  await unpacked(files);
  const file = join(root, 'packed.tar.gz');
  await promisify(execFile)('tar', ['-czf', file, '-C', join(root, 'packing'), 'controller-tools']);
  return readFile(file);
}
