/**
 * A real Kubernetes control plane for tests: etcd and kube-apiserver on 127.0.0.1, without root and without nodes.
 *
 *     const kube = await findControlPlane(process.env);
 *     describeUnless(kube.missing, 'the reflector', () => {
 *       const { url, token, ca } = await kube.shared();  // one for the whole run: make a namespace of your own
 *       const plane = await kube.start();                // one for this file, which it may freeze and kill; plane.stop()
 *     });
 *
 * `findControlPlane(process.env, { controllers: true })` adds kube-controller-manager to `start()`: Deployments make
 * ReplicaSets and pods (which stay pending), owners take what they own with them, deleted namespaces end.
 * As all tests that need servers, those that need this one stand in this room: `operator/*.int.test.ts`.
 */
import type { KubeConnection } from './connection.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { findPrograms } from './programs/find.ts';
import { type ProgramName, programNames } from './programs/names.ts';
import { sharedControlPlane } from './shared.ts';

export { ask, type KubeAnswer, type KubeConnection, type KubeRequest } from './connection.ts';
export type { ControlPlane } from './control-plane.ts';

/** Where a test gets its control plane from. */
export interface ControlPlaneSource {
  /** Why there is none on this machine, and what to do about it; undefined when there is one. */
  readonly missing: string | undefined;
  /** The run's own, started when the first test asks; it has no controllers. Nobody stops or freezes it. */
  shared(): Promise<KubeConnection & Pick<ControlPlane, 'kubeconfig'>>;
  /** Another one, which takes a few seconds and 400 MB; stop it. @param only the controllers to run; all, if nothing is said */
  start(only?: readonly string[]): Promise<ControlPlane>;
}

/** Finds the servers, or makes them, which takes minutes; see `findPrograms`. */
export async function findControlPlane(
  env: Readonly<Record<string, string | undefined>>,
  { controllers = false } = {},
): Promise<ControlPlaneSource> {
  const names: readonly ProgramName[] = controllers ? programNames : ['etcd', 'kube-apiserver'];
  // Not the console, which jest keeps to itself until a test file has ended.
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const programs = await findPrograms(names, { env, progress });
    return {
      missing: undefined,
      shared: () => sharedControlPlane(env),
      start: (only) => startControlPlane(programs, only),
    };
  } catch (error) {
    const missing = `no Kubernetes control plane: set KUBEBUILDER_ASSETS, or install Go (${(error as Error).message})`;
    const refuse = () => Promise.reject(new Error(missing));
    return { missing, shared: refuse, start: refuse };
  }
}
