import type { UploadReport } from '@bundler/adapters';
import { UploadReports } from './reports.ts';

const id = Buffer.alloc(32, 7);

function start() {
  const written: UploadReport[] = [];
  const removed: string[] = [];
  const time = { now: 0 };
  const board = {
    write: (_: string, report: UploadReport) => void written.push(report),
    remove: (key: string) => void removed.push(key),
  };
  return { written, removed, time, reporter: new UploadReports(board, () => time.now).begin(id, 1000) };
}

describe('reports of an upload', () => {
  it('are not made of one that is quick', () => {
    const { written, removed, time, reporter } = start();
    for (; time.now < 1000; time.now += 10) reporter.received(time.now);
    reporter.stored();
    reporter.dropped();
    expect([written, removed]).toEqual([[], []]);
  });

  it('are made four times a second, and at the end', () => {
    const { written, time, reporter } = start();
    for (; time.now < 3000; time.now += 10) reporter.received(time.now);
    reporter.stored();
    expect(written).toHaveLength(9);
    expect(written[0]).toEqual({ stage: 'receiving', receivedByteCount: 1000, totalByteCount: 1000 });
    expect(written[8]).toEqual({ stage: 'stored', receivedByteCount: 2990, totalByteCount: 2990 });
  });

  it('are taken back when nothing of it was kept', () => {
    const { removed, time, reporter } = start();
    time.now = 2000;
    reporter.received(10);
    reporter.dropped();
    expect(removed).toEqual([id.toString('base64url')]);
  });
});
