import { ADMIN_KEY_HEADER, ADMIN_PREFIX } from '@bundler/contract';
import { Forbidden, KubeError, type KubeObject, NotFound, resources } from '../kube/index.ts';
import { objectPath } from '../kube/resources.ts';
import { adminName, HTTP_PORT } from '../render/names.ts';
import { type Arguments, type Context, Trouble } from './command.ts';
import { readConfig } from './platform.ts';

/** Options of every command that asks the admin service. */
export const adminOptions = {
  'admin-key-file': { type: 'string' },
  'admin-key-secret': { type: 'string' },
} as const;

/** What their help says of them. */
export const ADMIN_OPTIONS_HELP = `      --admin-key-file FILE     holds your key of the admin service; - reads the standard input
      --admin-key-secret NAME   Secret with the key under admin-key, read with your own rights; default: NAME-admin-key`;

/** The admin service of a platform, asked by way of the API server. */
export interface AdminApi {
  get<Answer>(path: string, query?: Readonly<Record<string, number>>): Promise<Answer>;
  post<Answer>(path: string, body: object): Promise<Answer>;
}

/** The service knows nothing of what was asked for. */
export class NotKnown extends Trouble {}

interface Key {
  readonly value: string;
  /** Where it came from, for people. */
  readonly origin: string;
}

const SECRET_KEY = 'admin-key';

/** The proxy to one Service can be allowed by this name: `resourceNames: ["demo-admin:http"]` of `services/proxy`. */
const proxiedName = (name: string): string => `${adminName(name)}:${HTTP_PORT}`;

/**
 * Finds the admin service of a platform and the key that opens it.
 *
 * @param onKey is told the key, for whoever must not show it
 * @throws Trouble that says what to do
 */
export async function openAdminApi(
  context: Context,
  name: string,
  { values }: Arguments,
  onKey?: (key: string) => void,
): Promise<AdminApi> {
  const { spec } = await readConfig(context, name);
  const { admin } = (spec ?? {}) as { readonly admin?: { readonly enabled?: unknown } };
  if (admin?.enabled !== true)
    throw new Trouble(
      `the admin service of ${name} is off: make the Secret with its keys and set spec.admin.enabled and spec.admin.keysSecretRef (docs/admin-api.md)`,
    );
  const file = values['admin-key-file'] as string | undefined;
  const secret = (values['admin-key-secret'] as string | undefined) ?? `${name}-admin-key`;
  const key = file === undefined ? await keyOfSecret(context, secret) : await keyOfFile(context, file);
  onKey?.(key.value);
  const service = objectPath(
    { type: resources.services, namespace: context.namespace, name: proxiedName(name) },
    'proxy',
  );
  const ask = async (method: 'GET' | 'POST', path: string, more: object): Promise<unknown> => {
    const headers = { [ADMIN_KEY_HEADER]: key.value };
    try {
      return await context.transport.json({ method, path: `${service}${ADMIN_PREFIX}${path}`, headers, ...more });
    } catch (error) {
      throw error instanceof KubeError ? explained(error, name, context.namespace, key) : error;
    }
  };
  return {
    get: async <Answer>(path: string, query = {}) => (await ask('GET', path, { query })) as Answer,
    post: async <Answer>(path: string, body: object) => (await ask('POST', path, { body })) as Answer,
  };
}

async function keyOfFile({ terminal }: Context, path: string): Promise<Key> {
  const text = await terminal.read(path).catch((error: unknown) => {
    throw new Trouble(`the admin key could not be read: ${(error as Error).message}`);
  });
  return keyIn(text, path);
}

async function keyOfSecret({ api, namespace }: Context, name: string): Promise<Key> {
  const origin = `Secret ${namespace}/${name}`;
  try {
    const { data = {} } = await api.get<KubeObject & { readonly data?: Readonly<Record<string, string>> }>({
      type: resources.secrets,
      namespace,
      name,
    });
    if (data[SECRET_KEY] === undefined) throw new Trouble(`${origin} has no key "${SECRET_KEY}" with an admin key`);
    return keyIn(Buffer.from(data[SECRET_KEY], 'base64').toString(), origin);
  } catch (error) {
    if (error instanceof NotFound)
      throw new Trouble(
        `no key of the admin service: name a file with --admin-key-file, or keep it where only its users may read it: kubectl -n ${namespace} create secret generic ${name} --from-file=${SECRET_KEY}=FILE`,
      );
    if (error instanceof Forbidden)
      throw new Trouble(`this account may not read ${origin}: ask for the right, or name a file with --admin-key-file`);
    throw error;
  }
}

/** What would break a header, or is the file of digests, is told before anything is sent. */
function keyIn(text: string, origin: string): Key {
  const value = text.trim();
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new Trouble(`${origin} holds no admin key: it is one word, of which the service keeps the digest only`);
  return { value, origin };
}

/** The API server gives its own answers a reason; what the service itself says has none. */
function explained(error: KubeError, name: string, namespace: string, { origin }: Key): Error {
  const own = error.reason !== '';
  if (error.code === 401 && !own)
    return new Trouble(
      `the admin service does not know the key in ${origin}: its SHA-256 has to stand in the Secret of spec.admin.keysSecretRef`,
    );
  if (error.code === 403 && own)
    return new Trouble(
      `this account may not reach the admin service: it needs get, and to retry also create, of services/proxy for "${proxiedName(name)}" (${error.detail})`,
    );
  if (error.code === 404 && own)
    return new Trouble(
      `there is no Service ${namespace}/${adminName(name)} yet: see kubectl bundler status ${name} -n ${namespace}`,
    );
  if (error.code === 404) return new NotKnown(`the admin service of ${name} knows nothing of it`);
  if (error.code >= 500)
    return new Trouble(
      `the admin service of ${name} does not answer: ${error.detail}; look at its pod: kubectl -n ${namespace} get pods -l app.kubernetes.io/instance=${name},app.kubernetes.io/component=admin`,
    );
  return own ? error : new Trouble(`the admin service of ${name} says: ${error.detail}`);
}
