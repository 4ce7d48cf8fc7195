import { type SpecConfig, settings } from '@bundler/contract';
import type { Part } from './manifest.ts';

/** A file that a spec's reference puts into the pods of those programs that have its variable. */
export interface MountedFile {
  /** The variable that says where it is. */
  readonly env: string;
  readonly path: string;
  readonly mount: { readonly name: string; readonly mountPath: string; readonly readOnly: true };
  readonly volume: Part;
}

/** The files that a spec refers to. The wallet is there always: without one, the spec is refused. */
export function mountedFiles(config: SpecConfig): MountedFile[] {
  const files = [
    secret(settings.arweaveWalletFile.env, 'wallet', config.walletSecretName, config.walletSecretKey),
    ...optional(config.apiKeysSecretName, (name) =>
      secret(settings.apiKeysFile.env, 'api-keys', name, config.apiKeysSecretKey),
    ),
    ...optional(config.adminKeysSecretName, (name) =>
      secret(settings.adminKeysFile.env, 'admin-keys', name, config.adminKeysSecretKey),
    ),
    ...optional(config.jwtSecretName, (name) =>
      secret(settings.jwtSecretsFile.env, 'jwt-secrets', name, config.jwtSecretKey),
    ),
    ...optional(config.rawWalletSecretName, (name) =>
      secret(settings.rawWalletFile.env, 'raw-wallet', name, config.rawWalletSecretKey),
    ),
    ...optional(config.blockedAddressesConfigMapName, (name) =>
      configMap(settings.blockedAddressesFile.env, 'blocklist', name, config.blockedAddressesConfigMapKey),
    ),
  ];
  return files;
}

const optional = (name: string, file: (name: string) => MountedFile): MountedFile[] =>
  name === '' ? [] : [file(name)];

/** Only the key that is wanted: a Secret may hold more that no process needs. */
function secret(env: string, volume: string, secretName: string, key: string): MountedFile {
  return mounted(env, volume, key, { secret: { secretName, items: [{ key, path: key }] } });
}

/** Not by `subPath`: a file that is mounted so does not follow its ConfigMap. */
function configMap(env: string, volume: string, name: string, key: string): MountedFile {
  return mounted(env, volume, key, { configMap: { name, items: [{ key, path: key }] } });
}

function mounted(env: string, name: string, key: string, source: Part): MountedFile {
  const mountPath = `/etc/bundler/${name}`;
  return { env, path: `${mountPath}/${key}`, mount: { name, mountPath, readOnly: true }, volume: { name, ...source } };
}
