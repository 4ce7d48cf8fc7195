import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { runCommand } from '../kit/command.ts';
import { type Context, PLATFORM, type Proof } from '../kit/context.ts';

const plugin = fileURLToPath(new URL('../../../../operator/bin/kubectl-bundler', import.meta.url));
/** What the admin service knows of those who may come in, and what the plugin comes in with. */
const KEYS = 'admin-keys';
const OWN_KEY = `${PLATFORM}-admin-key`;
const SETTLE_S = 300;
const PERMANENT_MS = 240_000;

/** The plugin reaches the admin service by the API server's proxy, and packs what the kubelets tell. */
export const adminService: Proof = {
  title: 'kubectl bundler queue, trace and support-bundle by way of the API server',
  async run(context) {
    const { kubectl, platform, operator } = context;
    const key = randomBytes(32).toString('base64url');
    await kubectl.apply([
      secret(KEYS, { 'admin-keys': `${createHash('sha256').update(key).digest('hex')} e2e\n` }),
      secret(OWN_KEY, { 'admin-key': key }),
    ]);
    await platform.settled(await platform.edit({ admin: { enabled: true, keysSecretRef: { name: KEYS } } }), SETTLE_S);
    try {
      const ask = (...args: string[]) => runCommand(plugin, ['-n', kubectl.namespace, ...args]);
      const queues = (await ask('queue', PLATFORM)).trimEnd().split('\n').length - 1;
      if (queues < 5) throw new Error(`queue lists ${queues} queues`);
      const id = await uploaded(context);
      const trace = await ask('trace', PLATFORM, '--', id);
      if (!trace.startsWith(`${id}  permanent\n`)) throw new Error(`trace says of a permanent item: ${trace}`);
      const files = await bundled(ask, operator.namespace, key);
      return `${queues} queues; ${id} traced to permanent; ${files} files in the archive, logs and settings of pods among them`;
    } finally {
      await platform.settled(await platform.edit({ admin: { enabled: false } }), SETTLE_S);
      // They are ours and not the chart's: what is left after its end is looked at later.
      await kubectl.run(['delete', 'secret', KEYS, OWN_KEY]);
    }
  },
};

const secret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});

async function uploaded({ platform }: Context): Promise<string> {
  const client = await platform.client();
  const body = await createDataItem({ signer: ed25519Signer(randomBytes(32)), data: randomBytes(500) });
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await fetch(`${await platform.url()}/v1/tx`, { method: 'POST', body, headers });
  const { id } = (await answer.json()) as { id: string };
  await client.waitFor(id, 'permanent', { timeoutMs: PERMANENT_MS });
  return id;
}

/** Packs an archive and looks into it. @returns how many files it has */
async function bundled(
  ask: (...args: string[]) => Promise<string>,
  operatorNamespace: string,
  key: string,
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'bundler-e2e-'));
  try {
    const file = join(directory, 'support.tar.gz');
    await ask('support-bundle', PLATFORM, '--file', file, '--operator-namespace', operatorNamespace);
    await runCommand('tar', ['xzf', file, '-C', directory, '--strip-components=1']);
    const names = (await readdir(directory, { recursive: true })).map(String);
    const wanted = [/^pods\/.*-upload-.*\.log$/, /-upload-.*\/settings\.json$/, /-upload-.*\/metrics\.txt$/];
    for (const form of [...wanted, /^operator\/.*\.log$/])
      if (!names.some((name) => form.test(name))) throw new Error(`the archive has no file like ${form}`);
    const texts = names.filter((name) => /\.(json|txt|log)$/.test(name));
    for (const name of texts)
      if ((await readFile(join(directory, name), 'utf8')).includes(key)) throw new Error(`${name} holds the admin key`);
    return texts.length;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
