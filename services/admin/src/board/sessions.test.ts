import { SESSION_MS, Sessions } from './sessions.ts';

const open = () => {
  const clock = { now: 1_000_000 };
  return { clock, sessions: new Sessions(() => clock.now) };
};

describe('the sessions of the board', () => {
  it('know who has logged in, until their time is over or they log out', () => {
    const { clock, sessions } = open();
    const [alice, bob] = [sessions.open('alice'), sessions.open('bob')];
    expect(sessions.nameOf(alice)).toBe('alice');
    sessions.close(bob);
    expect(sessions.nameOf(bob)).toBeUndefined();
    clock.now += SESSION_MS;
    expect(sessions.nameOf(alice)).toBeUndefined();
    expect(sessions.nameOf('guessed')).toBeUndefined();
  });

  it('keep only so many: the oldest must log in again', () => {
    const { sessions } = open();
    const first = sessions.open('first');
    const later = Array.from({ length: 200 }, (_, index) => sessions.open(`later-${index}`));
    expect(sessions.nameOf(first)).toBeUndefined();
    expect(sessions.nameOf(later[0]!)).toBe('later-0');
  });

  it('grow tired of wrong keys for a minute', () => {
    const { clock, sessions } = open();
    for (let tries = 0; tries < 20; tries += 1) sessions.noteFailure();
    expect(sessions.isTired).toBe(true);
    clock.now += 60_000;
    expect(sessions.isTired).toBe(false);
  });
});
