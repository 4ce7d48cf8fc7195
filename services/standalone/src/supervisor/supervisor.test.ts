import { Agent, get } from 'node:http';
import { freePort } from '../embedded/process/ports.ts';
import { fastClock, probe, replicas, startHarness } from './fixtures/harness.ts';

// Real processes on a machine that may be busy.
import.meta.jest.setTimeout(240_000);

let harness: ReturnType<typeof startHarness>;
let clock: ReturnType<typeof fastClock>;
const start = (options: { rolloutDeadlineMs?: number } = {}) => {
  clock = fastClock();
  harness = startHarness({ clock, ...options });
  return harness;
};
afterEach(() => harness.supervisor.stop());

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const pids = () => harness.supervisor.status().processes.map(({ pid }) => pid!);
const ready = (count: number, deployment = 'app') =>
  harness.until(({ deployments, processes }) => {
    const status = deployments.find(({ name }) => name === deployment);
    const mine = processes.filter((process) => process.deployment === deployment);
    return status?.ready === count && mine.length === count && mine.every(({ current }) => current);
  });

describe('Supervisor', () => {
  it('starts replicas, and stops them so that no process is left', async () => {
    const { supervisor } = start();
    supervisor.apply([replicas(2, 'v1')]);
    const { processes } = await ready(2);
    expect(processes.map(({ name }) => name)).toEqual(['app-1', 'app-2']);
    const started = pids();
    await supervisor.stop();
    expect(started.filter(isAlive)).toEqual([]);
    expect(supervisor.status()).toEqual({ deployments: [], processes: [] });
  });

  it('loads into each process first what its template names, whether it serves or not', async () => {
    const { supervisor, output } = start();
    const preloads = ["data:text/javascript,console.log('loaded before', process.env.VERSION)"];
    const served = replicas(1, 'served', { name: 'served', env: { PORT: String(await freePort()) } });
    const plain = replicas(1, 'plain', { name: 'plain' });
    supervisor.apply([served, plain].map((one) => ({ ...one, template: { ...one.template, preloads } })));
    await Promise.all([ready(1, 'plain'), ready(1, 'served')]);
    await supervisor.stop();
    const loaded = output().match(/loaded before \w+(?=[^]*?environment:)/g);
    expect(loaded?.sort()).toEqual(['loaded before plain', 'loaded before served']);
  });

  it('gives a process the rendered environment and nothing of its own', async () => {
    const { supervisor, output } = start();
    process.env.LEAK = 'from the supervisor';
    supervisor.apply([
      replicas(1, 'v1', { name: 'plain' }),
      replicas(1, 'v1', { name: 'shared', env: { PORT: String(await freePort()) } }),
    ]);
    await Promise.all([ready(1, 'plain'), ready(1, 'shared')]);
    await supervisor.stop();
    delete process.env.LEAK;
    const lines = output().trim().split('\n').sort();
    const names = lines.map((line) => line.split(' ').filter((word) => !['HOME', 'PATH', 'TZ'].includes(word)));
    expect(names).toEqual([
      ['environment:', 'ADMIN_PORT', 'PORT', 'VERSION'],
      ['environment:', 'ADMIN_PORT', 'VERSION'],
    ]);
  });

  it('starts a killed process again, and leaves the others alone', async () => {
    const { supervisor, until } = start();
    supervisor.apply([replicas(2, 'v1')]);
    await ready(2);
    const [victim, other] = pids();
    process.kill(victim!, 'SIGKILL');
    await until(({ processes }) => processes.some(({ restarts }) => restarts === 1));
    await ready(2);
    expect(pids()).toContain(other);
    expect(pids()).not.toContain(victim);
  });

  it('waits longer after each crash', async () => {
    const { supervisor, until } = start();
    supervisor.apply([replicas(1, 'v1', { env: { MODE: 'crash' } })]);
    await until(({ processes }) => (processes[0]?.restarts ?? 0) >= 4);
    expect(clock.waits.filter((ms) => [200, 400, 800, 1600].includes(ms))).toEqual([200, 400, 800, 1600]);
  });

  it('changes the number of replicas without touching those that stay', async () => {
    const { supervisor } = start();
    supervisor.apply([replicas(1, 'v1')]);
    await ready(1);
    const [first] = pids();
    supervisor.apply([replicas(3, 'v1')]);
    await ready(3);
    supervisor.apply([replicas(1, 'v1')]);
    await ready(1);
    expect(pids()).toEqual([first]);
  });

  it('never has fewer ready processes than replicas while it rolls', async () => {
    const { supervisor } = start();
    supervisor.apply([replicas(2, 'v1')]);
    await ready(2);
    const old = pids();
    let fewest = Number.POSITIVE_INFINITY;
    void harness.until(({ processes }) => {
      fewest = Math.min(fewest, processes.filter(({ phase }) => phase === 'ready').length);
      return false;
    });
    supervisor.apply([replicas(2, 'v2')]);
    await ready(2);
    expect(fewest).toBe(2);
    expect(old.filter(isAlive)).toEqual([]);
  });

  it.each([
    ['keeps crashing', 'crash', 1_000_000, 'a new process ended 4 times in a row'],
    // A fiftieth of that for a busy machine to start those that do become ready.
    ['does not become ready in time', 'unready', 750_000, '0 of 2 were ready after 750 s'],
  ])('keeps the old version when the new one %s, and says so', async (_, MODE, rolloutDeadlineMs, reason) => {
    const { supervisor, until, notes } = start({ rolloutDeadlineMs });
    supervisor.apply([replicas(2, 'v1')]);
    await ready(2);
    const old = pids();
    supervisor.apply([replicas(2, 'v2', { env: { MODE } })]);
    const status = await until(({ deployments, processes }) => !!deployments[0]?.refused && processes.length === 2);
    expect(status.deployments[0]!.refused).toBe(reason);
    expect(notes.at(-1)).toBe(`app: keeping the version before, ${reason}`);
    expect(pids()).toEqual(old);
    supervisor.apply([replicas(2, 'v3')]);
    await ready(2);
  });

  it('stops the processes of a Deployment that is gone from the spec', async () => {
    const { supervisor, until } = start();
    supervisor.apply([replicas(1, 'v1'), replicas(1, 'v1', { name: 'other' })]);
    await Promise.all([ready(1), ready(1, 'other')]);
    supervisor.apply([replicas(1, 'v1')]);
    const { processes } = await until((status) => status.processes.length === 1);
    expect(processes[0]!.name).toBe('app-1');
  });

  it('kills what does not stop within its grace', async () => {
    const { supervisor, notes } = start();
    supervisor.apply([replicas(1, 'v1', { env: { MODE: 'deaf' } })]);
    await ready(1);
    const [pid] = pids();
    await supervisor.stop();
    expect(isAlive(pid!)).toBe(false);
    expect(notes).toEqual([`app-1 (pid ${pid}) did not stop in 30 s: killing it`]);
  });

  it('ends and restarts a process that answers no probe any more', async () => {
    const { supervisor, until, notes } = start();
    supervisor.apply([replicas(1, 'v1', { name: 'hung', liveness: probe('/health', 2, 0.1) })]);
    await ready(1, 'hung');
    const [pid] = pids();
    process.kill(pid!, 'SIGSTOP');
    await until(({ processes }) => processes[0]?.restarts === 1);
    expect(notes[0]).toBe(`hung-1 (pid ${pid}) does not answer: ending it`);
    await ready(1, 'hung');
  });
});

describe('a roll of processes that serve clients', () => {
  it('shows keep-alive clients no error', async () => {
    const { supervisor } = start();
    const port = await freePort();
    supervisor.apply([replicas(2, 'v1', { env: { PORT: String(port) } })]);
    await ready(2);
    const clients = Array.from({ length: 8 }, () => hammer(port));
    for (const version of ['v2', 'v3']) {
      supervisor.apply([replicas(2, version, { env: { PORT: String(port) } })]);
      await ready(2);
      await Promise.all(clients.map(({ sees }) => sees(version)));
    }
    const results = await Promise.all(clients.map(({ stop }) => stop()));
    expect(results.flatMap(({ errors }) => errors)).toEqual([]);
    for (const { answers } of results) expect(new Set(answers)).toEqual(new Set(['v1', 'v2', 'v3']));
  });
});

/** One client with one kept-alive connection that asks again as soon as it has an answer. */
function hammer(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: string[] = [];
  const errors: string[] = [];
  const wanted = new Map<string, () => void>();
  let stopped = false;
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port, agent }, (response) => {
        response.setEncoding('utf8').once('data', resolve).once('error', reject);
      }).once('error', reject);
    });
  const run = async () => {
    while (!stopped) {
      const answer = await ask().catch((error: Error) => void errors.push(error.message));
      if (!answer) continue;
      answers.push(answer);
      wanted.get(answer)?.();
    }
    agent.destroy();
    return { answers, errors };
  };
  const done = run();
  return {
    sees: (version: string) => new Promise<void>((resolve) => wanted.set(version, resolve)),
    stop: () => {
      stopped = true;
      return done;
    },
  };
}
