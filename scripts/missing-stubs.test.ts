import { missingStubs, withStubs } from './missing-stubs.ts';
import { platformOf } from './platform-of.ts';

describe('platformOf', () => {
  it.each([
    ['@biomejs/cli-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@swc/core-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@oxc-parser/binding-linux-arm-musleabihf', { os: ['linux'], cpu: ['arm'], libc: ['musl'] }],
    ['@swc/core-linux-ppc64-gnu', { os: ['linux'], cpu: ['ppc64'], libc: ['glibc'] }],
    ['@msgpackr-extract/msgpackr-extract-win32-x64', { os: ['win32'], cpu: ['x64'] }],
    ['@unrs/resolver-binding-wasm32-wasi', { cpu: ['wasm32'] }],
    ['left-pad', undefined],
  ])('reads %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});

describe('missingStubs', () => {
  it('adds what no folder on the way up has, with version, platform and dev as the parent has them', () => {
    const { added, unknown } = missingStubs({
      '': {},
      'node_modules/tool': {
        dev: true,
        optionalDependencies: { 'tool-win32-x64': '1.2.3', 'tool-linux-x64': '1.2.3' },
      },
      'node_modules/tool-linux-x64': { version: '1.2.3' },
    });
    expect(added).toEqual({
      'node_modules/tool-win32-x64': { version: '1.2.3', cpu: ['x64'], dev: true, optional: true, os: ['win32'] },
    });
    expect(unknown).toEqual([]);
  });

  it('finds packages nested in workspaces and in other packages', () => {
    const optionalDependencies = { 'lib-darwin-x64': '2.0.0' };
    expect(
      missingStubs({
        '': {},
        'services/app': {},
        'services/app/node_modules/lib': { optionalDependencies },
        'services/app/node_modules/lib-darwin-x64': { version: '2.0.0' },
        'node_modules/a/node_modules/@scope/lib': { optionalDependencies },
        'node_modules/a/node_modules/@scope/lib/node_modules/lib-darwin-x64': { version: '2.0.0' },
      }).added,
    ).toEqual({});
  });

  it('puts a second version beside the package that needs it', () => {
    const { added } = missingStubs({
      'node_modules/a': { optionalDependencies: { 'lib-darwin-x64': '1.0.0' } },
      'node_modules/b': { optionalDependencies: { 'lib-darwin-x64': '^2.0.0' } },
      'node_modules/c': { optionalDependencies: { 'lib-darwin-x64': '1.0.0' } },
    });
    expect(Object.entries(added).map(([folder, stub]) => [folder, stub['version']])).toEqual([
      ['node_modules/lib-darwin-x64', '1.0.0'],
      ['node_modules/b/node_modules/lib-darwin-x64', '2.0.0'],
    ]);
  });

  it('names a missing package that is of no platform instead of inventing one', () => {
    const packages = { 'node_modules/a': { optionalDependencies: { 'left-pad': '^1.0.0' } } };
    expect(missingStubs(packages)).toEqual({ added: {}, unknown: ['node_modules/a needs left-pad@^1.0.0'] });
  });

  it('finds nothing in what it has completed, and keeps the order of npm', () => {
    const packages = {
      '': {},
      'node_modules/b': { optionalDependencies: { 'a-darwin': '1.0.0' } },
      'node_modules/C': {},
    };
    const completed = withStubs(packages, missingStubs(packages).added);
    expect(Object.keys(completed)).toEqual(['', 'node_modules/a-darwin', 'node_modules/b', 'node_modules/C']);
    expect(missingStubs(completed).added).toEqual({});
  });
});
