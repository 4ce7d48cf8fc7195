import { FakeApiServer, hangUp, json, silence } from '../fixtures/fake-api-server.ts';
import { FakeClock } from '../fixtures/fake-clock.ts';
import { until } from '../fixtures/until.ts';
import { Invalid, NotFound, TooManyRequests, Unauthorized, Unavailable } from './errors.ts';
import { listAll } from './list-all.ts';
import type { KubeObject } from './objects.ts';
import { resources } from './resources.ts';
import { RestApi } from './rest.ts';

const ref = { type: resources.configMaps, namespace: 'bundler', name: 'live' };
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'live', namespace: 'bundler' },
  data: { a: '1' },
} satisfies KubeObject & { data: object };

let server: FakeApiServer;
let clock: FakeClock;
let warnings: string[];
let api: RestApi;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new FakeClock();
  warnings = [];
  api = new RestApi({ connection: server.connection, clock, onWarning: (warning) => warnings.push(warning) });
});
afterEach(() => server.close());

/** Waits until the server has `count` requests, then lets time pass. */
async function afterRequests(count: number, ms: number): Promise<void> {
  await until(() => server.requests.length === count);
  await clock.advance(ms);
}

describe('requests', () => {
  test('apply sends only what it is given, as the manager, and forces only when told', async () => {
    server.otherwise(json(200, configMap));
    await api.apply(configMap, { fieldManager: 'bundler-operator' });
    await api.apply(configMap, { fieldManager: 'bundler-operator', force: true, dryRun: true });
    const [plain, forced] = server.requests;
    expect(plain).toMatchObject({
      method: 'PATCH',
      path: '/api/v1/namespaces/bundler/configmaps/live',
      query: { fieldManager: 'bundler-operator', fieldValidation: 'Strict' },
      body: JSON.stringify(configMap),
    });
    expect(plain?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(plain?.query).not.toHaveProperty('force');
    expect(plain?.query).not.toHaveProperty('dryRun');
    expect(forced?.query).toMatchObject({ force: 'true', dryRun: 'All' });
  });

  test('fields that this code does not know come through in both directions', async () => {
    const unknown = { ...configMap, futureField: { deep: [1, { x: null }] } };
    server.otherwise((received, response) => void response.writeHead(200).end(received.body));
    expect(await api.create(unknown)).toEqual(unknown);
  });

  test('a status is applied to its subresource, guarded by the version it was computed from', async () => {
    server.otherwise(json(200, configMap));
    await api.patchStatus(ref, { ready: true }, { fieldManager: 'm', resourceVersion: '7' });
    const [sent] = server.requests;
    expect(sent?.path).toBe('/api/v1/namespaces/bundler/configmaps/live/status');
    expect(sent?.query).toMatchObject({ force: 'true', fieldManager: 'm' });
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'live', namespace: 'bundler', resourceVersion: '7' },
      status: { ready: true },
    });
  });

  test('a delete carries its preconditions', async () => {
    server.otherwise(json(200, {}));
    await api.delete(ref, { uid: 'u1', propagation: 'Foreground' });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
      preconditions: { uid: 'u1' },
      propagationPolicy: 'Foreground',
    });
  });

  test('a patch is a merge patch, or a JSON patch when it is a list', async () => {
    server.otherwise(json(200, configMap));
    await api.patch(ref, { data: { a: null } });
    await api.patch(ref, [{ op: 'remove', path: '/data/a' }]);
    expect(server.requests.map(({ headers }) => headers['content-type'])).toEqual([
      'application/merge-patch+json',
      'application/json-patch+json',
    ]);
  });

  test('a namespaced object without a namespace is an error here, not a list of all namespaces there', async () => {
    expect(() => api.get({ type: resources.configMaps, name: 'live' })).toThrow('ConfigMap/live needs a namespace');
    expect(server.requests).toEqual([]);
  });

  test('what the server warns of is passed on', async () => {
    server.next(json(200, configMap, { warning: '299 - "unknown field \\"x\\"", 299 - "budget above 90%"' }));
    await api.get(ref);
    expect(warnings).toEqual(['unknown field "x"', 'budget above 90%']);
  });

  test('an API is served when its group lists the resource', async () => {
    server.next(json(200, { resources: [{ name: 'scaledobjects' }] }));
    server.next(json(200, { resources: [{ name: 'scaledjobs' }] }));
    server.next((_, response) => void response.writeHead(404).end('404 page not found\n'));
    expect(await api.serves(resources.scaledObjects)).toBe(true);
    expect(await api.serves(resources.scaledObjects)).toBe(false);
    expect(await api.serves(resources.scaledObjects)).toBe(false);
    expect(server.requests[0]?.path).toBe('/apis/keda.sh/v1alpha1');
    server.next(json(503, { message: 'starting' }));
    await expect(api.serves(resources.scaledObjects)).rejects.toThrow(Unavailable);
  });
});

describe('trouble', () => {
  test('a refused token is read again, once', async () => {
    server.next(json(401, { message: 'Unauthorized' }));
    server.next(json(200, configMap));
    await api.get(ref);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-0', 'Bearer token-1']);
    server.otherwise(json(401, { message: 'Unauthorized' }));
    await expect(api.get(ref)).rejects.toThrow(Unauthorized);
    expect(server.requests).toHaveLength(4);
  });

  test('a server that is too busy is left alone for as long as it asks', async () => {
    server.next(json(429, { message: 'busy' }, { 'retry-after': '3' }));
    server.next(json(200, configMap));
    const answer = api.get(ref);
    await afterRequests(1, 0);
    await until(() => clock.pending === 2);
    await clock.advance(2999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    await expect(answer).resolves.toEqual(configMap);
  });

  test('a server that is too busy for longer than we may wait is reported as that', async () => {
    server.otherwise(json(429, { message: 'busy' }, { 'retry-after': '20' }));
    const answer = expect(api.get(ref, { timeoutMs: 30_000 })).rejects.toThrow(TooManyRequests);
    await until(() => clock.pending === 2);
    await clock.advance(20_000);
    await until(() => clock.pending === 2 && server.requests.length === 2);
    await clock.advance(10_000);
    await answer;
  });

  test('a server that does not answer is Unavailable after the deadline', async () => {
    server.next(silence);
    const answer = expect(api.get(ref, { timeoutMs: 5000 })).rejects.toThrow(
      'GET /api/v1/namespaces/bundler/configmaps/live: no answer within 5 s',
    );
    await afterRequests(1, 5000);
    await answer;
    await until(() => server.sockets === 0);
  });

  test('an answer that stops in the middle is Unavailable after the deadline', async () => {
    server.next((_, response) => void response.writeHead(200).write('{"kind":'));
    const answer = expect(api.get(ref)).rejects.toThrow(Unavailable);
    await afterRequests(1, 30_000);
    await answer;
  });

  test('a connection that breaks, or is refused, is Unavailable and says why', async () => {
    server.next(hangUp);
    await expect(api.get(ref)).rejects.toThrow(Unavailable);
    const gone = new RestApi({ connection: { ...server.connection, server: 'http://127.0.0.1:1' }, clock });
    await expect(gone.get(ref)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('the caller can end a request, and gets its own reason', async () => {
    server.next(silence);
    const stop = new AbortController();
    const answer = expect(api.get(ref, { signal: stop.signal })).rejects.toThrow('shutting down');
    await until(() => server.requests.length === 1);
    stop.abort(new Error('shutting down'));
    await answer;
    expect(clock.pending).toBe(0);
    await until(() => server.sockets === 0);
  });

  test('no timer and no listener outlives a request', async () => {
    server.otherwise(json(404, { details: { name: 'live' } }));
    const stop = new AbortController();
    await expect(api.get(ref, { signal: stop.signal })).rejects.toThrow(NotFound);
    expect(clock.pending).toBe(0);
  });
});

describe('lists', () => {
  const page = (names: string[], token?: string) =>
    json(200, {
      metadata: { resourceVersion: '9', continue: token },
      items: names.map((name) => ({ metadata: { name } })),
    });

  test('are read page by page, and their items get the kind that lists leave out', async () => {
    server.next(page(['a', 'b'], 'token'));
    server.next(page(['c']));
    const list = await listAll(api, resources.configMaps, { namespace: 'bundler', labelSelector: 'x=y' });
    expect(list.items.map(({ kind, apiVersion, metadata }) => [kind, apiVersion, metadata.name])).toEqual([
      ['ConfigMap', 'v1', 'a'],
      ['ConfigMap', 'v1', 'b'],
      ['ConfigMap', 'v1', 'c'],
    ]);
    expect(server.requests.map(({ query }) => query)).toEqual([
      { limit: '500', labelSelector: 'x=y' },
      { limit: '500', labelSelector: 'x=y', continue: 'token' },
    ]);
  });

  test('begin again when a token grew too old, but not for ever', async () => {
    server.next(page(['a'], 'token'));
    server.next(json(410, { reason: 'Expired', message: 'too old' }));
    server.next(page(['b']));
    const list = await listAll(api, resources.configMaps);
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
    server.otherwise(json(410, { reason: 'Expired', message: 'too old' }));
    await expect(listAll(api, resources.configMaps)).rejects.toThrow('too old');
  });

  test('of metadata only ask for nothing else', async () => {
    server.next(page(['a']));
    await api.list(resources.secrets, { namespace: 'bundler', metadataOnly: true });
    expect(server.requests[0]?.headers.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io,v=v1');
  });
});

describe('watches', () => {
  const options = { resourceVersion: '5', timeoutSeconds: 300, idleMs: 90_000 };
  const line = (name: string): string => `${JSON.stringify({ type: 'ADDED', object: { metadata: { name } } })}\n`;

  test('yield an object for each line, however the bytes come', async () => {
    server.next((_, response) => {
      response.writeHead(200);
      const bytes = Buffer.from(line('é') + line('b'));
      const middle = bytes.indexOf(0xa9);
      response.write(bytes.subarray(0, middle), () => response.end(bytes.subarray(middle)));
    });
    const names: string[] = [];
    for await (const { object } of api.watch(resources.configMaps, options)) names.push(object.metadata.name);
    expect(names).toEqual(['é', 'b']);
    expect(server.requests[0]?.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      timeoutSeconds: '300',
    });
  });

  test('do not yield a line that was cut off', async () => {
    server.next((_, response) => void response.end(line('a') + line('b').slice(0, 20)));
    const names: string[] = [];
    for await (const { object } of api.watch(resources.configMaps, options)) names.push(object.metadata.name);
    expect(names).toEqual(['a']);
  });

  test('throw what the server says inside of the stream', async () => {
    const error = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
    server.next((_, response) => void response.end(`${JSON.stringify(error)}\n`));
    await expect(first(api.watch(resources.configMaps, options))).rejects.toMatchObject({ name: 'Gone', code: 410 });
  });

  test('count as dead when no byte comes for too long, and any byte counts', async () => {
    let send: (text: string) => void = () => undefined;
    server.next((_, response) => {
      response.writeHead(200).flushHeaders();
      send = (text) => void response.write(text);
    });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { object } of api.watch(resources.configMaps, options)) seen.push(object.metadata.name);
    })();
    const dead = expect(watching).rejects.toThrow('no byte came for 90 s');
    await afterRequests(1, 0);
    send(line('a'));
    await until(() => seen.length === 1);
    await clock.advance(89_000);
    send(line('b'));
    await until(() => seen.length === 2);
    await clock.advance(89_000);
    expect(server.sockets).toBe(1);
    await clock.advance(1000);
    await dead;
    await until(() => server.sockets === 0);
  });

  test('close their connection when nobody reads on', async () => {
    server.next((_, response) => void response.writeHead(200).write(line('a')));
    expect((await first(api.watch(resources.configMaps, options)))?.object.metadata.name).toBe('a');
    await until(() => server.sockets === 0);
    expect(clock.pending).toBe(0);
  });

  test('that are refused throw what the status says', async () => {
    server.next(json(400, { message: 'bad selector' }));
    await expect(first(api.watch(resources.configMaps, options))).rejects.toThrow(Invalid);
  });
});

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
