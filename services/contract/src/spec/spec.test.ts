import { defaultSpec, overrideFromEnv, readSpec, specSchema, valueAt } from '../index.ts';
import { specFields } from './tree.ts';

const bucket = { objectStore: { s3: { bucket: 'items' } } };
const named = (spec: unknown) => readSpec(spec).violations.map(({ setting, message }) => `${setting} ${message}`);

describe('readSpec', () => {
  it('gives every field its default when the spec says nothing about it', () => {
    const { config, violations } = readSpec(bucket);
    expect(violations).toEqual([]);
    expect(config).toMatchObject({ uploadPort: 3001, databasePoolMax: 50, s3Bucket: 'items', planConcurrency: 5 });
    expect(Object.keys(config)).toHaveLength(specFields.length);
  });

  it('reads durations and quantities as a person writes them', () => {
    const { config } = readSpec({ ...bucket, shutdown: { drain: '1m30s' }, pipeline: { maxBundleSize: '1Gi' } });
    expect(config).toMatchObject({ shutdownDrain: 90_000, maxBundleSize: 2 ** 30 });
  });

  it('names an unknown field by its path, and what could stand there', () => {
    expect(named({ ...bucket, database: { pool: { maxx: 5 } } })).toEqual([
      'spec.database.pool.maxx is not known; here can stand min, max, acquireTimeout, idleTimeout, reapInterval',
    ]);
  });

  it('leaves the names of fields to the API server in a cluster, whose CRD may be newer', () => {
    const { violations } = readSpec({ ...bucket, upload: { newer: 1 }, newest: {} }, 'cluster');
    expect(violations.map(({ message }) => message)).not.toContainEqual(expect.stringContaining('is not known'));
    expect(readSpec({ upload: 3 }, 'cluster').violations.map(({ setting }) => setting)).toContain('spec.upload');
  });

  it('reports everything that is wrong at once', () => {
    const problems = named({ upload: { port: 'x', replicas: 0 }, database: 3, typo: 1 });
    expect(problems).toEqual([
      'spec.database must be an object, but is 3',
      expect.stringContaining('spec.typo is not known'),
      'spec.upload.port (UPLOAD_SERVICE_PORT) must be a whole number, but is "x"',
      'spec.upload.replicas (API_INSTANCES) must be from 1 to 100, but is 0',
      'spec.objectStore.s3.bucket (S3_BUCKET) must name a bucket when OBJECT_STORE is s3',
    ]);
  });

  it('applies the rules between settings, counting defaults', () => {
    expect(named({ ...bucket, database: { pool: { max: 4 } } })).toEqual([
      'spec.database.pool.min (DB_POOL_MIN) is 5, above DB_POOL_MAX (4); lower it to 4 or less',
    ]);
  });

  it.each([false, 'text', [1], 7])('refuses %j as a spec', (spec) => {
    expect(named(spec)[0]).toMatch(/^spec must be an object/);
  });

  it('takes a heading with nothing below it for not written', () => {
    expect(readSpec({ ...bucket, upload: null, database: { pool: null }, shutdown: { drain: null } })).toEqual(
      readSpec(bucket),
    );
  });

  it('refuses a fraction of a second where the process is told in seconds', () => {
    expect(named({ ...bucket, cache: { ttl: '1500ms' } })).toEqual([
      'spec.cache.ttl (CACHE_DATA_ITEM_TTL_SECS) must be whole seconds, but is "1500ms"',
    ]);
  });

  it('is not fooled by names that every object has', () => {
    expect(named({ ...bucket, constructor: 1, workers: { toString: 1 } })).toHaveLength(2);
  });
});

describe('overrideFromEnv', () => {
  it('puts a variable over the file, in the form of the spec', () => {
    const { spec, violations } = overrideFromEnv(
      { upload: { port: 1, freeUploadLimit: '1Ki' } },
      { FREE_UPLOAD_LIMIT: '1099511627776', SHUTDOWN_DRAIN_MS: '2500', DATA_CACHES: 'a, b' },
    );
    expect(violations).toEqual([]);
    expect(spec).toEqual({
      upload: { port: 1, freeUploadLimit: '1Ti', receipt: { dataCaches: ['a', 'b'] } },
      shutdown: { drain: '2s500ms' },
    });
  });

  it('leaves the given spec untouched', () => {
    const file = { upload: { port: 1 } };
    overrideFromEnv(file, { UPLOAD_SERVICE_PORT: '2' });
    expect(file).toEqual({ upload: { port: 1 } });
  });

  it('names the variable whose value cannot be used, and keeps what the file says', () => {
    expect(overrideFromEnv({ upload: { port: 1 } }, { UPLOAD_SERVICE_PORT: '99999', DB_POOL_MAX: '' })).toEqual({
      spec: { upload: { port: 1 } },
      violations: [{ setting: 'UPLOAD_SERVICE_PORT', message: 'must be from 1 to 65535, but is 99999' }],
    });
  });

  it('does not write into what is no object', () => {
    expect(overrideFromEnv({ upload: 'x' }, { UPLOAD_SERVICE_PORT: '2' }).spec).toEqual({ upload: 'x' });
  });
});

describe('defaultSpec', () => {
  it('is valid for a cluster but for the bucket that only its owner knows', () => {
    expect(readSpec(defaultSpec()).violations.map(({ setting }) => setting)).toEqual([
      'spec.objectStore.s3.bucket (S3_BUCKET)',
    ]);
  });

  it('says the same as saying nothing', () => {
    expect(readSpec(defaultSpec()).config).toEqual(readSpec({}).config);
  });
});

describe('specSchema', () => {
  it('says bounds and defaults where a person looks them up', () => {
    const at = (path: string) => valueAt(specSchema, `properties.${path.replaceAll('.', '.properties.')}.description`);
    expect(at('database.pool.max')).toMatch(/ \(1 to 500; default 50\)$/);
    expect(at('shutdown.drain')).toMatch(/ \(0s to .+; default .+\)$/);
    expect(at('database.secretRef.name')).not.toMatch(/default/);
  });

  it('describes every field at its path, with its default as the spec writes it', () => {
    for (const [, field] of specFields) {
      const leaf = valueAt(specSchema, `properties.${field.path.replaceAll('.', '.properties.')}`);
      expect(leaf).toMatchObject({ default: field.kind.toSpec(field.default) });
      expect(leaf).toHaveProperty('description', expect.stringContaining(field.doc.split('. ')[0]!));
    }
  });
});
