import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { Arrivals } from './arrivals.ts';

const { jest } = import.meta;

const LOOK_MS = 500;

/** A server with one request whose body comes, on a clock of its own. */
function arriving(): { cut: () => number; pass: (ms: number, bytes: number) => void } {
  let now = 1000;
  const socket = { bytesRead: 0 };
  const server = new EventEmitter();
  let cuts = 0;
  new Arrivals(
    () => ({ bytesPerSecond: 100, windowMs: 2000 }),
    () => now,
  ).follow(server as Server, () => cuts++);
  const request = { headers: { 'content-length': '1000000' }, socket, complete: false, readableLength: 0 };
  server.emit('request', request, Object.assign(new EventEmitter(), { headersSent: false }));
  const pass = (ms: number, bytes: number): void => {
    now += ms;
    socket.bytesRead += bytes;
    // However long it was: a timer that is late fires once.
    jest.advanceTimersByTime(LOOK_MS);
  };
  return { cut: () => cuts, pass };
}

describe('Arrivals', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('cuts a body of which too little came in a window', () => {
    const { cut, pass } = arriving();
    for (let turn = 0; turn < 3; turn++) pass(LOOK_MS, 49);
    expect(cut()).toBe(0);
    pass(LOOK_MS, 49);
    expect(cut()).toBe(1);
  });

  it('leaves one alone that keeps its pace', () => {
    const { cut, pass } = arriving();
    for (let turn = 0; turn < 100; turn++) pass(LOOK_MS, 51);
    expect(cut()).toBe(0);
  });

  it('does not count the time in which the process itself stood still', () => {
    const { cut, pass } = arriving();
    pass(LOOK_MS, 51);
    pass(60_000, 0);
    // Only now what had come meanwhile is read.
    pass(LOOK_MS, 102);
    pass(LOOK_MS, 51);
    expect(cut()).toBe(0);
    for (let turn = 0; turn < 4; turn++) pass(LOOK_MS, 0);
    expect(cut()).toBe(1);
  });
});
