import type { BundleRecord, ItemRecord, ItemTrace, JobRecord } from '@bundler/adapters';
import { stateOf, traceReport, workOn } from './report.ts';

const id = Buffer.alloc(32, 7);
const name = id.toString('base64url');
const item: ItemRecord = {
  id,
  ownerAddress: 'owner',
  signatureType: 1,
  featureType: 'default',
  byteCount: 100,
  contentType: null,
  winc: '0',
  deadlineHeight: 200,
  receivedAt: 1000,
  failedBundles: 0,
  failedAt: null,
  failedReason: null,
  segmentId: '11111111-1111-4111-8111-111111111111',
  segmentOffset: 0,
  objectKey: 'segments/1',
  bundleId: null,
  bundleOffset: null,
};
const bundle: BundleRecord = {
  id: '22222222-2222-4222-8222-222222222222',
  state: 'prepared',
  featureType: 'default',
  oversized: false,
  itemCount: 3,
  byteCount: 1000,
  txId: Buffer.alloc(32, 9),
  signedHeight: 10,
  seededChunks: 0,
  blockHeight: null,
  failedReason: null,
  createdAt: 2000,
  movedAt: 3000,
  checkedAt: 3000,
};
const nothing: ItemTrace = {
  item: undefined,
  bundle: undefined,
  upload: undefined,
  unbundling: undefined,
  nested: [],
  opticalBacklog: [],
};
const job: JobRecord = {
  queue: 'post',
  id: '5',
  state: 'failed',
  payload: { bundleId: bundle.id },
  attempts: 5,
  failedReason: 'connect to http://user:hunter2@gateway refused\nat somewhere',
  addedAt: 3100,
  startedAt: 3200,
  endedAt: 3300,
};

describe('a trace', () => {
  it('tells of an item that nobody knows where to look next', () => {
    const report = traceReport(name, nothing, []);
    expect(report).toMatchObject({ state: 'unknown', item: null, events: [] });
    expect(report.nextSteps[0]).toContain('never accepted');
  });

  it('stands in the order of time, from acceptance over the bundle to the jobs', () => {
    const report = traceReport(name, { ...nothing, item, bundle }, [job]);
    expect(report.events.map(({ at }) => at)).toEqual([1000, 2000, 3000, 3100, 3200, 3300]);
    expect(report.events.at(-1)?.what).toBe('job post/5 failed');
    expect(report.state).toBe('prepared');
  });

  it('says which job to retry and why it failed, without the password in the reason', () => {
    const report = traceReport(name, { ...nothing, item, bundle }, [job]);
    expect(report.nextSteps.join('\n')).toContain('A job of post failed after 5 tries');
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it('knows what stands still from what is being worked on', () => {
    const still = traceReport(name, { ...nothing, item, bundle }, []);
    expect(still.nextSteps.join()).toContain('redrive');
    const moving = traceReport(name, { ...nothing, item, bundle }, [{ ...job, state: 'active' }]);
    expect(moving.nextSteps.join()).not.toContain('redrive');
  });

  it('is given without jobs while the queues do not answer', () => {
    const report = traceReport(name, { ...nothing, item }, undefined);
    expect(report).toMatchObject({ state: 'waiting', jobs: [] });
    expect(report.nextSteps.join()).toContain('The queues did not answer');
  });

  it('follows an item inside of another to the one that was accepted', () => {
    const rootItemId = Buffer.alloc(32, 8);
    const trace = { ...nothing, nested: [{ rootItemId, parentId: rootItemId, startInRoot: 5, recordedAt: 1 }] };
    expect(stateOf(trace)).toBe('nested');
    expect(traceReport(name, trace, []).nextSteps[0]).toContain(rootItemId.toString('base64url'));
  });

  it('shows of an optical bridge only its host', () => {
    const trace = { ...nothing, item, opticalBacklog: ['https://user:hunter2@bridge.example.com/in?token=t0p'] };
    expect(traceReport(name, trace, []).opticalBacklog).toEqual(['bridge.example.com']);
  });

  it('looks for the jobs of the lane that the bundle is in', () => {
    const queues = (oversized: boolean) =>
      workOn({ item, bundle: { ...bundle, oversized }, unbundling: undefined }).map(({ queue }) => queue);
    expect(queues(false)).toEqual(['newDataItem', 'finalizeUpload', 'prepare', 'post', 'seed', 'verify']);
    expect(queues(true)).toEqual(['newDataItem', 'finalizeUpload', 'oversizedDataItem', 'verify']);
  });
});
