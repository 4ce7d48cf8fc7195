import { readWrites, writesBetween } from './writes.ts';

const sample = (verb: string, resource: string, value: number, { dryRun = '', subresource = '' } = {}) =>
  `apiserver_request_total{code="200",dry_run="${dryRun}",group="",resource="${resource}",scope="resource",` +
  `subresource="${subresource}",verb="${verb}",version="v1"} ${value}`;

const before = [
  '# TYPE apiserver_request_total counter',
  sample('GET', 'configmaps', 5),
  sample('APPLY', 'configmaps', 2),
  sample('PUT', 'leases', 40),
].join('\n');

describe('the writes of an API server', () => {
  it('are none while everybody only reads and renews leases', () => {
    const after = before.replace(' 5', ' 50').replace(' 40', ' 70');
    expect(writesBetween(readWrites(before), readWrites(after))).toEqual({ count: 0, what: [] });
  });

  it('are told by what was written', () => {
    const after = [before.replace(' 2', ' 4'), sample('PATCH', 'deployments', 1, { subresource: 'status' })].join('\n');
    expect(writesBetween(readWrites(before), readWrites(after))).toEqual({
      count: 3,
      what: ['2 APPLY configmaps', '1 PATCH deployments/status'],
    });
  });

  it('are not those that only ask what would happen', () => {
    const after = [before, sample('APPLY', 'services', 3, { dryRun: 'All' })].join('\n');
    expect(writesBetween(readWrites(before), readWrites(after)).count).toBe(0);
  });
});
