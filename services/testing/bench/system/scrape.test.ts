import { sampleSum } from './scrape.ts';

const text = `# HELP jobs_sum Time of jobs.
# TYPE jobs histogram
jobs_bucket{le="1",queue="plan"} 3
jobs_sum{queue="plan"} 1.5
jobs_sum{queue="prepare",node="a"} 2.25
batch_sum 40
batch_sum 2
batch_summary 100
`;

describe('sampleSum', () => {
  it('adds the samples of one name', () => {
    expect(sampleSum(text, 'batch_sum')).toBe(42);
    expect(sampleSum(text, 'jobs_sum')).toBe(3.75);
  });

  it('takes only samples that have the labels', () => {
    expect(sampleSum(text, 'jobs_sum', 'queue="prepare"')).toBe(2.25);
    expect(sampleSum(text, 'jobs_sum', 'queue="prep"')).toBe(0);
  });

  it('is 0 for a metric that is not there', () => {
    expect(sampleSum(text, 'nothing')).toBe(0);
  });
});
