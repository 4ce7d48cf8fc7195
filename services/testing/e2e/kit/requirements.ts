import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheDir } from '@bundler/standalone/embedded';
import { HELM } from '../../src/tools/helm.ts';
import type { Kubectl } from './kubectl.ts';

/** @throws Error that says what the cluster lacks, and what to do */
export async function requireCluster(kubectl: Kubectl): Promise<void> {
  await kubectl.run(['version', '--request-timeout=10s']).catch((error: Error) => {
    throw new Error(`No cluster answers; KUBECONFIG must name one. ${error.message}`);
  });
  if (!(await kubectl.find('customresourcedefinition', 'scaledobjects.keda.sh'))) {
    throw new Error('KEDA is not installed on this cluster: https://keda.sh/docs/latest/deploy');
  }
}

/** The path of helm. @throws Error when `make images` has not fetched it */
export async function requireHelm(env: NodeJS.ProcessEnv): Promise<string> {
  const path = join(defaultCacheDir(env), `${HELM.name}-${HELM.version}-${process.platform}-${process.arch}`);
  await access(path).catch(() => {
    throw new Error(`There is no ${HELM.name} ${HELM.version} in the cache: run "make images" first.`);
  });
  return path;
}
