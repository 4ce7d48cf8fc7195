import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { KubeConnection } from './connection.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { findPrograms } from './programs/find.ts';

/** Environment variable by which the processes of a test run find its shared control plane. */
const OFFER_URL = 'TEST_CONTROL_PLANE_OFFER';

/**
 * Offers one control plane to all tests of a run, which jest spreads over processes. It is started when the first test
 * asks, so that a run without such tests does not pay for it.
 *
 * @returns what takes the offer back and ends the control plane
 */
export async function offerControlPlane(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  let plane: Promise<ControlPlane> | undefined;
  const start = async (): Promise<ControlPlane> =>
    startControlPlane(await findPrograms(['etcd', 'kube-apiserver'], { env, progress: console.error }));
  // Nobody else on this machine is to find an administrator's token here.
  const path = `/${randomUUID()}`;
  const answer = async (response: ServerResponse): Promise<void> => {
    try {
      plane ??= start();
      const { url, token, ca, kubeconfig } = await plane;
      response.end(JSON.stringify({ url, token, ca, kubeconfig }));
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
  };
  const server = createServer((request, response) => {
    if (request.url === path) void answer(response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  env[OFFER_URL] = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return async () => {
    delete env[OFFER_URL];
    server.close();
    await (await plane?.catch(() => undefined))?.stop();
  };
}

/** Takes the offer of this run. @throws Error when there is none, or the control plane cannot be started */
export async function sharedControlPlane(
  env: Readonly<Record<string, string | undefined>>,
): Promise<KubeConnection & Pick<ControlPlane, 'kubeconfig'>> {
  const url = env[OFFER_URL];
  if (url === undefined)
    throw new Error(`${OFFER_URL} is not set: the set-up of this test run offers no control plane`);
  const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  const words = await text(answer);
  if (answer.statusCode !== 200) throw new Error(words);
  return JSON.parse(words) as KubeConnection & Pick<ControlPlane, 'kubeconfig'>;
}
