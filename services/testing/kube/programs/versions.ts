import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The Go module that pins the servers. */
export const moduleDirectory = fileURLToPath(new URL('../module/', import.meta.url));

/** Packages that `go build` turns into the servers. */
export const packages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
} as const;

const goMod = readFileSync(`${moduleDirectory}go.mod`, 'utf8');

/** With their `v`, as go.mod pins them. */
export const versions = { kubernetes: versionOf('k8s.io/kubernetes'), etcd: versionOf(packages.etcd) } as const;

function versionOf(module: string): string {
  const version = new RegExp(`^\\s*${module.replaceAll('.', '\\.')} (v\\S+)$`, 'm').exec(goMod)?.[1];
  if (version === undefined) throw new Error(`${moduleDirectory}go.mod requires no ${module}`);
  return version;
}
