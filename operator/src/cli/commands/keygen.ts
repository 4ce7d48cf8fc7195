import { createHash, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { clusterFields } from '@bundler/contract';
import { AlreadyExists, type KubeObject } from '../../kube/index.ts';
import { type Arguments, type Command, type Context, FIELD_MANAGER, Trouble, UsageError } from '../command.ts';

export const keygen: Command = {
  usage: '[--apply] [--wallet-secret NAME] [--database-secret NAME --database-url-file FILE]',
  summary: 'make a wallet and the Secrets of a fresh cluster',
  details: `      --apply                   create the Secrets; one that exists is left as it is, and nothing is created
      --wallet-secret NAME      default: wallet
      --database-secret NAME    default: database; only with --database-url-file
      --database-url-file FILE  holds the connection URL of PostgreSQL; - reads the standard input

The wallet is a new RSA-4096 key as an Arweave JWK. Without --apply the Secrets are printed as YAML; to a terminal only when -o yaml
asks for it, for they hold private keys. Keep a copy of the wallet: nobody can make it again.`,
  options: {
    apply: { type: 'boolean' },
    'wallet-secret': { type: 'string', default: 'wallet' },
    'database-secret': { type: 'string', default: 'database' },
    'database-url-file': { type: 'string' },
  },
  outputs: ['text', 'yaml'],
  run,
};

async function run(context: Context, { values }: Arguments) {
  const { terminal, namespace, output } = context;
  const apply = values.apply === true;
  if (!apply && output !== 'yaml' && terminal.isTty) {
    throw new UsageError(
      'the Secrets hold private keys: add --apply to create them, or -o yaml to have them printed here',
    );
  }
  const urlFile = values['database-url-file'];
  const url = urlFile === undefined ? undefined : (await terminal.read(String(urlFile))).trim();
  if (url !== undefined && !/^postgres(ql)?:\/\//.test(url))
    throw new UsageError('--database-url-file holds no postgres:// URL');
  const { jwk, address } = await newWallet();
  const secrets = [
    secretOf(
      namespace,
      String(values['wallet-secret']),
      clusterFields.walletSecretKey.default ?? '',
      JSON.stringify(jwk),
    ),
    ...(url === undefined
      ? []
      : [secretOf(namespace, String(values['database-secret']), clusterFields.databaseWriterKey.default ?? '', url)]),
  ];
  if (apply) await createAll(context, secrets);
  if (!apply || output === 'yaml') {
    const { dumpYaml } = await import('@kubernetes/client-node');
    terminal.out(secrets.map((secret) => `---\n${dumpYaml(secret)}`).join(''));
  }
  terminal.err(`the wallet's address is ${address}\n`);
  return 0 as const;
}

/** A new key, as Arweave writes it down. */
export async function newWallet(): Promise<{ readonly jwk: object; readonly address: string }> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 4096, publicExponent: 65_537 });
  const jwk = privateKey.export({ format: 'jwk' });
  const address = createHash('sha256')
    .update(Buffer.from(jwk.n ?? '', 'base64url'))
    .digest('base64url');
  return { jwk, address };
}

type NewSecret = KubeObject & { readonly stringData: Readonly<Record<string, string>> };

function secretOf(namespace: string, name: string, key: string, value: string): NewSecret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'Opaque',
    stringData: { [key]: value },
  } as NewSecret;
}

/** All or none, as far as that goes: each is tried dry before the first is created. */
async function createAll({ api, terminal }: Context, secrets: readonly NewSecret[]): Promise<void> {
  const options = { fieldManager: FIELD_MANAGER };
  for (const dryRun of [true, false]) {
    for (const secret of secrets) {
      const { name, namespace } = secret.metadata;
      try {
        await api.create(secret, { ...options, dryRun });
      } catch (error) {
        if (!(error instanceof AlreadyExists)) throw error;
        throw new Trouble(
          `Secret "${name}" exists in namespace "${namespace}" and is left as it is; name another, or delete it if nobody needs it`,
        );
      }
      if (!dryRun) terminal.err(`secret/${name} created in namespace "${namespace}"\n`);
    }
  }
}
