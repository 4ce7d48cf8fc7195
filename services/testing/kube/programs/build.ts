import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runGo } from '../../src/tools/go.ts';
import { type ProgramName, programNames } from './names.ts';
import { verifyProgram } from './verify.ts';
import { moduleDirectory, packages, versions } from './versions.ts';

interface BuildOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: (line: string) => void;
}

/** What each file is called that Go makes, after the last part of its package that is no version. */
const builtAs: Readonly<Record<ProgramName, string>> = {
  etcd: 'server',
  'kube-apiserver': 'kube-apiserver',
  'kube-controller-manager': 'kube-controller-manager',
};

/** Without these the servers call themselves v0.0.0, and clients that compare versions are led astray. */
const versionFlags = (): string => {
  const [major, minor] = versions.kubernetes.slice(1).split('.');
  const variables = {
    'k8s.io/component-base/version.gitVersion': versions.kubernetes,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'k8s.io/client-go/pkg/version.gitVersion': versions.kubernetes,
  };
  return Object.entries(variables)
    .map(([name, value]) => `-X ${name}=${value}`)
    .join(' ');
};

/**
 * Builds all servers into `directory`, which takes four minutes on two cores, 5 GB of disk while it runs and 200 MB
 * after. All three at once: they share most of what is compiled.
 *
 * @throws Error that says why it failed: no Go, no network, a failed build, a server that does not run
 */
export async function buildPrograms(directory: string, { env, progress }: BuildOptions): Promise<void> {
  // Beside its goal, so that the last step is a rename: nobody ever starts half a program. The name is fixed, so that
  // a build that was interrupted goes on where it stopped.
  const work = `${directory}.build`;
  const bin = join(work, 'bin');
  await mkdir(bin, { recursive: true });
  const label = `a Kubernetes control plane (${versions.kubernetes}, etcd ${versions.etcd})`;
  const flags = ['-v', '-modcacherw', '-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${versionFlags()}`];
  const args = ['build', ...flags, '-o', `${bin}/`, ...Object.values(packages)];
  await runGo({ label, args, cwd: moduleDirectory, work, env, progress });
  await mkdir(directory, { recursive: true });
  for (const name of programNames) {
    await verifyProgram(name, join(bin, builtAs[name]));
    await rename(join(bin, builtAs[name]), join(directory, name));
  }
  await rm(work, { recursive: true, force: true });
}
