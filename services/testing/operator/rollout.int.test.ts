import { type KubeObject, resources } from '@bundler/operator/kube';
import { systemClock } from '@bundler/operator/runtime';
import { findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { passes } from './kit/passes.ts';
import { minimalSpec, type RunningOperator, Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } };
  };
}
const version = (tag: string) => ({ image: { repository: 'bundler', tag } });

describeUnless(kube.missing, 'a rollout', () => {
  let stage: Stage;
  let running: RunningOperator;
  beforeEach(async () => {
    stage = await Stage.open(await kube.shared());
    stage.nodes.start();
    running = await stage.operate();
    await stage.configure('demo', version('1'));
    await stage.condition('demo', 'Ready');
  }, 120_000);
  afterEach(() => stage?.close());

  const imageOf = async (name: string) =>
    (await stage.get<Deployment>(resources.deployments, name))?.spec.template.spec.containers[0].image;
  const generationOf = async (name: string) => (await stage.get(resources.deployments, name))?.metadata.generation;

  it('reaches the upload API when the workers are well', async () => {
    await stage.configure('demo', version('2'));
    await stage.condition('demo', 'Ready');
    expect([await imageOf('demo-plan'), await imageOf('demo-upload')]).toEqual(['bundler:2', 'bundler:2']);
  });

  it('that fails goes back by itself, and is tried again when somebody asks for it', async () => {
    const upload = await generationOf('demo-upload');
    stage.nodes.broken.add('demo-plan');
    await stage.configure('demo', version('2'));
    await until(async () => (await imageOf('demo-plan')) === 'bundler:2');
    await stage.nodes.fail('demo-plan');
    expect(await stage.condition('demo', 'RolledBack')).toContain('ProgressDeadlineExceeded: revision demo-');
    stage.nodes.broken.clear();
    await until(async () => (await imageOf('demo-plan')) === 'bundler:1');
    await stage.condition('demo', 'Ready');

    const config = await stage.config('demo');
    expect(config.spec.image).toMatchObject({ tag: '2' });
    expect(config.status.revision.failedGeneration).toBe(config.metadata.generation);
    expect(await stage.condition('demo', 'Stalled')).toContain('change the retry annotation');
    expect(await generationOf('demo-upload')).toBe(upload);
    expect(running.events.some((event) => event.includes('Warning RolledBack'))).toBe(true);

    await stage.configure('demo', version('2'), { 'bundler.permaweb.dev/retry': 'now' });
    await stage.condition('demo', 'Stalled', 'False');
    await until(async () => (await imageOf('demo-upload')) === 'bundler:2');
    await stage.condition('demo', 'Ready');
  }, 60_000);

  it('goes back when the API server refuses a part of it, and says why', async () => {
    const labelled = { workers: { podTemplate: { labels: { team: 'a b' } } } };
    await stage.configure('demo', { ...version('2'), ...labelled });
    expect(await stage.condition('demo', 'RolledBack')).toMatch(/^Refused: revision demo-.* a valid label must be/);
    await stage.condition('demo', 'Ready');
    expect([await imageOf('demo-plan'), await imageOf('demo-upload')]).toEqual(['bundler:1', 'bundler:1']);
    expect((await stage.config('demo')).spec.workers).toMatchObject(labelled.workers);
    await stage.configure('demo', version('2'));
    await stage.condition('demo', 'Stalled', 'False');
    await until(async () => (await imageOf('demo-upload')) === 'bundler:2');
  }, 60_000);

  it('goes back when its migrations cannot start, and leaves nothing that could start later', async () => {
    await running.stop();
    let ahead = 0;
    const clock = { ...systemClock, date: () => new Date(Date.now() + ahead) };
    running = await stage.operate({ clock });
    const jobs = async () => (await stage.list(resources.jobs)).map(({ metadata }) => metadata.name);
    const before = await jobs();
    stage.nodes.jobsStart = false;
    await stage.configure('demo', version('2'));
    await until(async () => (await jobs()).length === 2);
    await passes(running, 2);
    await stage.condition('demo', 'Ready', 'Unknown');
    ahead = 601_000;
    expect(await stage.condition('demo', 'RolledBack')).toContain('MigrationNotStarted: revision demo-');
    await stage.condition('demo', 'Ready');
    await until(async () => (await jobs()).join() === before.join());
    expect([await imageOf('demo-plan'), await imageOf('demo-upload')]).toEqual(['bundler:1', 'bundler:1']);
  }, 60_000);

  it('goes on where it was when the operator dies in the middle', async () => {
    stage.nodes.broken.add('demo-plan');
    await stage.configure('demo', version('2'));
    await until(async () => (await imageOf('demo-plan')) === 'bundler:2');
    await running.stop();
    expect(await imageOf('demo-upload')).toBe('bundler:1');
    running = await stage.operate();
    await passes(running, 5);
    await stage.condition('demo', 'Ready', 'Unknown');
    expect(await imageOf('demo-upload')).toBe('bundler:1');
    stage.nodes.broken.clear();
    await stage.condition('demo', 'Ready');
    expect(await imageOf('demo-upload')).toBe('bundler:2');
  }, 60_000);

  it('is put right by an edit back to what ran before', async () => {
    stage.nodes.broken.add('demo-plan');
    await stage.configure('demo', version('2'));
    await until(async () => (await imageOf('demo-plan')) === 'bundler:2');
    await stage.configure('demo', version('1'));
    stage.nodes.broken.clear();
    await stage.condition('demo', 'Ready');
    expect([await imageOf('demo-plan'), await imageOf('demo-upload')]).toEqual(['bundler:1', 'bundler:1']);
  }, 60_000);

  it('stops and touches nothing more when it is to be held', async () => {
    stage.nodes.broken.add('demo-plan');
    await stage.configure('demo', { ...version('2'), rollout: { onFailure: 'Hold' } });
    await until(async () => (await imageOf('demo-plan')) === 'bundler:2');
    await stage.nodes.fail('demo-plan');
    expect(await stage.condition('demo', 'Stalled')).toContain('spec.rollout.onFailure is Hold');
    expect([await imageOf('demo-plan'), await imageOf('demo-upload')]).toEqual(['bundler:2', 'bundler:1']);
  }, 60_000);

  it('of live settings restarts nothing', async () => {
    const before = await Promise.all(['demo-plan', 'demo-upload'].map(generationOf));
    await stage.configure('demo', {
      ...version('1'),
      observability: { logLevel: 'debug' },
      workers: { plan: { concurrency: 6 } },
    });
    await stage.condition('demo', 'Ready');
    const { metadata, status } = await stage.config('demo');
    const live = await stage.get<KubeObject & { data: Record<string, string> }>(resources.configMaps, 'demo-live');
    expect(JSON.parse(live!.data['live.json']!)).toMatchObject({
      generation: metadata.generation,
      settings: { LOG_LEVEL: 'debug', PLAN_WORKER_CONCURRENCY: '6' },
    });
    expect(status.liveGeneration).toBe(metadata.generation);
    expect(await Promise.all(['demo-plan', 'demo-upload'].map(generationOf))).toEqual(before);
  });

  it('takes away what is no part of it any more, last', async () => {
    await stage.configure('demo', { ...version('1'), workers: { layout: 'Combined' } });
    await stage.condition('demo', 'Ready');
    const names = async () => (await stage.list(resources.deployments)).map(({ metadata }) => metadata.name);
    await until(async () => (await names()).length === 2);
    expect(await names()).toEqual(['demo-upload', 'demo-workers']);
    await until(() => running.events.some((event) => /Pruned .*Deployment\/demo-plan/.test(event)));
  });

  it('does not begin while a Secret is missing, and begins when it is there', async () => {
    await stage.configure('demo', { ...version('2'), database: { secretRef: { name: 'later' } } });
    expect(await stage.condition('demo', 'ConfigValid', 'False')).toContain('waiting for Secret later');
    expect(await stage.condition('demo', 'Ready', 'Unknown')).toContain('SecretNotFound');
    expect(await imageOf('demo-plan')).toBe('bundler:1');
    await stage.secret('later', { DB_WRITER_URL: 'postgres://second' });
    await stage.condition('demo', 'ConfigValid');
    await until(async () => (await imageOf('demo-upload')) === 'bundler:2');
  });

  it('follows the rotation of a Secret, of exactly the pods that use it', async () => {
    const spec = { ...minimalSpec, ...version('1') };
    expect(spec.arweave.walletSecretRef.name).toBe('wallet');
    const hash = async (name: string) => generationOf(name);
    const before = { plan: await hash('demo-plan'), upload: await hash('demo-upload') };
    await stage.secret('unused', { a: 'b' });
    await stage.secret('database', { DB_WRITER_URL: 'postgres://rotated' });
    await until(async () => (await hash('demo-plan')) !== before.plan && (await hash('demo-upload')) !== before.upload);
  });
});
