import { readdir, readFile } from 'node:fs/promises';

/**
 * The process of the cluster's API server, when it runs on this machine.
 *
 * @param server its URL in the kubeconfig
 */
export async function findApiServer(server: string): Promise<number | undefined> {
  const { hostname, port } = new URL(server);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!words[0]?.endsWith('kube-apiserver')) continue;
    const line = words.join(' ').replaceAll('=', ' ');
    if (line.includes(`--secure-port ${port}`) && line.includes(`--advertise-address ${hostname}`)) return Number(pid);
  }
  return undefined;
}
