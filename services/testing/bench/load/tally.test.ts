import { Tally } from './tally.ts';

const header = Buffer.from('header');
const answer = (status: number | string, retryAfter?: number) => ({ status, retryAfter, body: `body ${status}` });

describe('a tally', () => {
  it('counts answers by status, errors of the connection included', () => {
    const tally = new Tally(10);
    for (const status of [200, 200, 503, 'ECONNRESET']) tally.add(answer(status), 1, header);
    expect(tally.summary()).toMatchObject({ accepted: 2, answers: { 200: 2, 503: 1, ECONNRESET: 1 } });
  });

  it('takes latencies of accepted uploads alone', () => {
    const tally = new Tally(10);
    tally.add(answer(200), 20, header);
    tally.add(answer(503, 1), 1, header);
    tally.add(answer(500), 900, header);
    expect(tally.summary()).toMatchObject({ p50: 20, p99: 20, refused: { count: 1, withRetryAfter: 1, p50: 1 } });
  });

  it('tells refusals that name no time to come back', () => {
    const tally = new Tally(10);
    tally.add(answer(429), 1, header);
    tally.add(answer(503, 0), 1, header);
    expect(tally.summary().refused).toMatchObject({ count: 2, withRetryAfter: 1 });
  });

  it('keeps answers spread over the run, not all of them', () => {
    const tally = new Tally(6400);
    for (let index = 0; index < 6400; index += 1) tally.add(answer(200), 1, header);
    expect(tally.samples).toHaveLength(64);
    expect(tally.samples[0]).toEqual({ header, body: 'body 200' });
  });
});
