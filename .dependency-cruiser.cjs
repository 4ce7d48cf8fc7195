/**
 * Who may import whom. `scripts/import-rules.test.ts` plants a violation of each rule and sees it reported.
 *
 * Rooms know each other by package name only; what a room offers is what its `exports` say.
 */

/** The rooms of ours that the production code of a room may import. */
const mayImport = {
  'services/contract': [],
  'services/ans104': [],
  'services/runtime': ['services/contract'],
  'services/tracing': ['services/runtime'],
  'services/adapters': ['services/contract', 'services/runtime'],
  'services/upload': ['services/contract', 'services/runtime', 'services/adapters', 'services/ans104'],
  'services/payment': ['services/contract', 'services/runtime', 'services/adapters', 'services/ans104'],
  'services/workers': ['services/contract', 'services/runtime', 'services/adapters', 'services/ans104'],
  'services/admin': ['services/contract', 'services/runtime', 'services/adapters'],
  'services/gateway': ['services/contract', 'services/runtime', 'services/ans104'],
  'services/client': ['services/contract'],
  'services/standalone': ['services/contract', 'services/runtime', 'services/client', 'services/gateway', 'operator'],
  operator: ['services/contract', 'services/runtime'],
  dashboards: ['services/contract'],
  scripts: [
    'services/contract',
    'services/runtime',
    'services/upload',
    'services/payment',
    'services/admin',
    'operator',
    'dashboards',
  ],
};

const ours = '^(services/[^/]+|operator|dashboards|scripts)/';
/** Tests use whatever shows that the code is right; benches and the makers of vectors are tools of the same kind. */
const notProduction = '(\\.test\\.ts$|/conformance\\.ts$|/(bench|vectors|fixtures)/)';
const npm = (...names) => `(^|node_modules/)(${names.join('|')})(/|$)`;
const path = (...patterns) => patterns.join('|');

const rooms = Object.entries(mayImport).map(([room, others]) => ({
  name: `room-${room.replace('services/', '')}`,
  comment: `Production code in ${room} may import from: ${[room, ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: notProduction },
  to: { path: ours, pathNot: `^(${[room, ...others].join('|')})/` },
}));

const rules = [
  {
    name: 'no-cycles',
    comment: 'In a cycle it is chance which file runs first. A cycle that is closed by types alone does not run.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'rooms-by-name',
    comment: 'Another room is imported by its package name, so that its exports are its door.',
    severity: 'error',
    from: { path: '^(services/[^/]+|operator|dashboards)/' },
    to: { path: ours, pathNot: '^$1/', dependencyTypes: ['local'], dependencyTypesNot: ['aliased'] },
  },
  {
    name: 'testing-is-for-tests',
    comment: 'The harness and its helpers never reach production.',
    severity: 'error',
    from: { pathNot: path(notProduction, '^services/testing/') },
    to: { path: '^services/testing/' },
  },
  {
    name: 'contract-is-words',
    comment: 'The contract declares; it reads nothing and needs nothing but its schema library.',
    severity: 'error',
    from: { path: '^services/contract/', pathNot: notProduction },
    to: { pathNot: path('^services/contract/', npm('typebox')) },
  },
  {
    name: 'ans104-is-bytes',
    comment: 'The format knows bytes and signatures: no files, no network, no services.',
    severity: 'error',
    from: { path: '^services/ans104/', pathNot: notProduction },
    to: {
      path: path(
        '^(node:)?(fs|net|tls|http|https|http2|dgram|dns|child_process|cluster)(/|$)',
        npm('ioredis', 'knex', 'fastify', 'undici', '@aws-sdk', 'arbundles', 'arweave'),
      ),
    },
  },
  {
    name: 'runtime-has-no-outside',
    comment: 'What every process needs knows no store, no queue, no chain and no cluster.',
    severity: 'error',
    from: { path: '^services/runtime/', pathNot: notProduction },
    to: { path: npm('knex', 'pg', 'ioredis', 'bullmq', '@aws-sdk', 'arweave', '@kubernetes') },
  },
  {
    name: 'tracing-is-preloaded',
    comment: 'What traces a process is loaded before it, or not at all: an import would load it into every process.',
    severity: 'error',
    from: { path: '^(services|operator|scripts)/', pathNot: path(notProduction, '^services/(tracing|testing)/') },
    to: { path: path('^services/tracing/', npm('@opentelemetry', '@bundler/tracing')) },
  },
  {
    name: 'adapters-know-no-http-server',
    comment: 'Whoever speaks to the outside does not also answer it.',
    severity: 'error',
    from: { path: '^services/adapters/', pathNot: notProduction },
    to: { path: npm('fastify') },
  },
  {
    name: 'adapters-stand-apart',
    comment: 'One outside thing a folder; of another folder only its port is known.',
    severity: 'error',
    from: { path: '^services/adapters/src/([^/]+)/', pathNot: notProduction },
    to: { path: '^services/adapters/src/[^/]+/', pathNot: path('^services/adapters/src/$1/', '/port\\.ts$') },
  },
  {
    name: 'routes-speak-http',
    comment: 'Routes speak HTTP and repositories speak SQL; nobody speaks both.',
    severity: 'error',
    from: { path: '^services/(upload|payment|admin)/src/routes/', pathNot: notProduction },
    to: { path: npm('knex', 'pg', 'ioredis', 'bullmq') },
  },
  {
    name: 'ledger-decides',
    comment: 'The rules about money are given data and return data: they know no database and no clock.',
    severity: 'error',
    from: { path: '^services/payment/src/ledger/', pathNot: notProduction },
    to: { pathNot: '^services/payment/src/ledger/' },
  },
  {
    name: 'policies-decide',
    comment: 'A policy is given data and returns data: it knows the types of the outside, and needs nothing of it.',
    severity: 'error',
    from: { path: '^services/workers/.*policy\\.ts$' },
    to: { pathNot: '^services/(contract|ans104|workers)/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'render-is-pure',
    comment: 'The renderer gets a spec and facts and returns manifests; all it needs from Node is a hash.',
    severity: 'error',
    from: { path: '^operator/src/render/', pathNot: notProduction },
    to: { pathNot: path('^operator/src/render/', '^services/contract/', '^(node:)?crypto$') },
  },
  {
    name: 'resolvable',
    comment: 'An import that leads nowhere fails when it is first reached, which may be in production.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: [...rules, ...rooms],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^services/testing/sdk/', '^\\.cache/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
