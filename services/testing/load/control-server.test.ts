import { ControlServer } from './control-server.ts';

describe('what a suite asks of its runner', () => {
  const done: string[] = [];
  let control: ControlServer;
  beforeAll(async () => {
    control = await ControlServer.start({
      'kill-worker': async () => void done.push('killed'),
      fails: () => Promise.reject(new Error('no worker process runs')),
    });
  });
  afterAll(() => control.stop());

  const ask = async (path: string, method = 'POST') => {
    const answer = await fetch(`${control.url}/${path}`, { method });
    return [answer.status, await answer.text()];
  };

  it('is done before it is answered', async () => {
    expect(await ask('kill-worker')).toEqual([200, 'done']);
    expect(done).toEqual(['killed']);
  });

  it('is told when it could not be done, and why', async () => {
    expect(await ask('fails')).toEqual([500, 'no worker process runs']);
  });

  it.each([
    ['unknown', 'POST'],
    ['toString', 'POST'],
    ['kill-worker', 'GET'],
  ])('is nothing but what it offers: %s by %s', async (path, method) => {
    expect((await ask(path, method))[0]).toBe(404);
    expect(done).toEqual(['killed']);
  });
});
