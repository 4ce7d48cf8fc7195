import { SharedAnswer } from './shared-answer.ts';

describe('an answer that is shared', () => {
  let now: number;
  let asked: PromiseWithResolvers<string>[];
  let shared: SharedAnswer<string>;
  beforeEach(() => {
    now = 0;
    asked = [];
    const ask = (): Promise<string> => {
      const question = Promise.withResolvers<string>();
      asked.push(question);
      return question.promise;
    };
    shared = new SharedAnswer(ask, 1000, () => now);
  });

  it('comes from one question, however many ask while it is on its way and until it is old', async () => {
    const first = [shared.get(), shared.get()];
    now = 5000;
    const late = shared.get();
    asked[0]!.resolve('a');
    expect(await Promise.all([...first, late])).toEqual(['a', 'a', 'a']);
    now = 5999;
    expect(await shared.get()).toBe('a');
    expect(asked).toHaveLength(1);
    now = 6000;
    const next = shared.get();
    asked[1]!.resolve('b');
    expect(await next).toBe('b');
  });

  it('is asked for anew after a failure', async () => {
    const failing = shared.get();
    asked[0]!.reject(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    const next = shared.get();
    asked[1]!.resolve('b');
    expect(await next).toBe('b');
  });
});
