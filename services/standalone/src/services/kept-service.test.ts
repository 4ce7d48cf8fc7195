import { KeptService, type ServiceHandle } from './kept-service.ts';

/** A service whose every start and end the test decides. */
function scripted() {
  const starts: { resolve: (handle: ServiceHandle) => void; reject: (error: Error) => void }[] = [];
  const waits: number[] = [];
  let timers: (() => void)[] = [];
  const notes: string[] = [];
  const service = new KeptService({
    name: 'store',
    start: () => new Promise((resolve, reject) => starts.push({ resolve, reject })),
    clock: {
      now: () => 0,
      after: (ms, callback) => {
        waits.push(ms);
        timers.push(callback);
        return () => (timers = timers.filter((other) => other !== callback));
      },
    },
    note: (line) => notes.push(line),
    onChange: () => {},
  });
  const handle = () => {
    const exit = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
    const stop = async () => exit.resolve({ code: 0, signal: null });
    return {
      value: { pid: 7, exited: exit.promise, stop },
      die: () => exit.resolve({ code: null, signal: 'SIGKILL' }),
    };
  };
  const fire = () => timers.splice(0).forEach((timer) => timer());
  return { service, starts, waits, notes, handle, fire, timers: () => timers.length };
}
/** Lets promises that are settled be seen by those who wait for them. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('KeptService', () => {
  it('starts again what ended by itself, later each time', async () => {
    const { service, starts, waits, notes, handle, fire } = scripted();
    const first = handle();
    const started = service.start();
    starts[0]!.resolve(first.value);
    await started;
    expect(service.status()).toMatchObject({ phase: 'ready', pid: 7 });
    first.die();
    await settle();
    expect(service.status()).toMatchObject({ phase: 'restarting', restarts: 1, pid: undefined });
    fire();
    starts[1]!.reject(new Error('the port is taken'));
    await settle();
    expect(service.status()).toMatchObject({ phase: 'restarting', detail: 'the port is taken' });
    fire();
    starts[2]!.resolve(handle().value);
    await settle();
    expect(service.status()).toMatchObject({ phase: 'ready', restarts: 1, detail: '' });
    expect(waits).toEqual([200, 400]);
    expect(notes[0]).toBe('store: it ended (SIGKILL); starting it again in 0.2 s');
  });

  it('gives up when the first start fails', async () => {
    const { service, starts, waits } = scripted();
    const started = service.start();
    starts[0]!.reject(new Error('no program'));
    await expect(started).rejects.toThrow('no program');
    expect(service.status()).toMatchObject({ phase: 'failed', detail: 'no program' });
    expect(waits).toEqual([]);
  });

  it('stays stopped', async () => {
    const { service, starts, handle, timers } = scripted();
    const started = service.start();
    starts[0]!.resolve(handle().value);
    await started;
    await service.stop();
    await settle();
    expect(service.status().phase).toBe('stopping');
    expect(timers()).toBe(0);
  });

  it('stops a service whose restart is on its way', async () => {
    const { service, starts, handle, fire } = scripted();
    const first = handle();
    const started = service.start();
    starts[0]!.resolve(first.value);
    await started;
    first.die();
    await settle();
    fire();
    const stopped = service.stop();
    const second = handle();
    starts[1]!.resolve(second.value);
    await stopped;
    await expect(second.value.exited).resolves.toEqual({ code: 0, signal: null });
  });
});
