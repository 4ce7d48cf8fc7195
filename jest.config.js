/**
 * Two kinds of tests: `*.test.ts` need nothing but Node; `*.int.test.ts` use real servers that
 * services/testing starts once for the whole run.
 */
const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/services/testing/sdk/'],
  modulePathIgnorePatterns: ['<rootDir>/.cache', '<rootDir>/.data', '<rootDir>/services/testing/sdk'],
};

export default {
  // Only a defect needs that long, or a machine that does much else.
  testTimeout: 30_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testRegex: ['(?<!\\.int)\\.test\\.ts$'],
    },
    {
      ...shared,
      displayName: 'int',
      globalSetup: '<rootDir>/services/testing/src/global-setup.ts',
      globalTeardown: '<rootDir>/services/testing/src/global-teardown.ts',
      testRegex: ['\\.int\\.test\\.ts$'],
    },
  ],
};
