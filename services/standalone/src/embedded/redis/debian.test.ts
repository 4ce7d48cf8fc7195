import { missingLibraries } from './debian.ts';

const DEPENDS = `redis-tools
  Depends: adduser
  Depends: libatomic1
  Depends: libjemalloc2
 |Depends: libsystemd0
    libelogind0
  Breaks: redis-server
redis-server
  PreDepends: init-system-helpers
  Depends: libjemalloc2
  Depends: redis-tools
`;

describe("Debian's Redis", () => {
  it('needs the libraries its packages depend on and the machine does not have, each once', () => {
    expect(missingLibraries(DEPENDS, (name) => name === 'libatomic1')).toEqual(['libjemalloc2', 'libsystemd0']);
  });
});
