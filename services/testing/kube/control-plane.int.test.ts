import { readFile } from 'node:fs/promises';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { ask, type ControlPlane, findControlPlane, type KubeConnection } from './index.ts';

const kube = await findControlPlane(process.env, { controllers: true });

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'two' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'two' } },
    template: { metadata: { labels: { app: 'two' } }, spec: { containers: [{ name: 'one', image: 'none' }] } },
  },
};

describeUnless(kube.missing, 'a control plane for tests', () => {
  describe('of one test file', () => {
    let plane: ControlPlane;
    beforeAll(async () => {
      plane = await kube.start();
    }, 120_000);
    afterAll(() => plane?.stop());

    const get = (path: string) => ask(plane, { method: 'GET', path });

    it('keeps what it was told through the death of its API server', async () => {
      const created = await ask(plane, {
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        body: configMap('kept'),
      });
      expect(created.status).toBe(201);
      await plane.apiServer.crash();
      expect((await get('/api/v1/namespaces/default/configmaps/kept')).status).toBe(200);
    }, 60_000);

    it('lets nobody in without its token', async () => {
      const stranger = await ask({ ...plane, token: 'guessed' }, { method: 'GET', path: '/api/v1/namespaces' });
      expect(stranger.status).toBe(401);
    });

    it('runs Deployments and collects what they owned', async () => {
      const pods = async (): Promise<number> => {
        const listing = { method: 'GET', path: '/api/v1/namespaces/default/pods' } as const;
        return (await ask<{ items: unknown[] }>(plane, listing)).body.items.length;
      };
      const path = '/apis/apps/v1/namespaces/default/deployments';
      expect((await ask(plane, { method: 'POST', path, body: deployment })).status).toBe(201);
      await until(async () => (await pods()) === 2, 30_000);
      await ask(plane, { method: 'DELETE', path: `${path}/two` });
      await until(async () => (await pods()) === 0, 30_000);
    }, 70_000);

    it('writes a kubeconfig that leads to it', async () => {
      expect(JSON.parse(await readFile(plane.kubeconfig, 'utf8'))).toMatchObject({
        clusters: [{ cluster: { server: plane.url } }],
        users: [{ user: { token: plane.token } }],
      });
    });
  });

  describe('of the whole run', () => {
    let shared: KubeConnection;
    beforeAll(async () => {
      shared = await kube.shared();
    }, 120_000);

    it('is the same for everybody who asks', async () => {
      expect((await kube.shared()).url).toBe(shared.url);
    });

    it('passes on the warnings of the API server', async () => {
      const old = { apiVersion: 'v1', kind: 'ComponentStatus' };
      const answer = await ask(shared, { method: 'GET', path: `/api/v1/componentstatuses?kind=${old.kind}` });
      expect(answer.warnings).toEqual(['v1 ComponentStatus is deprecated in v1.19+']);
    });
  });
});
