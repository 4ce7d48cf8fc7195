import type { Options } from 'k6/options';
import { throughput } from '../profiles/throughput.ts';
import { suite } from './suite.ts';
import { hardlyAnyCheckFails, hardlyAnythingFails, latency, nothingDropped } from './thresholds.ts';

/** The options of a suite that holds a rate of uploads. */
export function throughputSuite(perSecond: number): Options {
  const thresholds = {
    ...hardlyAnyCheckFails,
    ...hardlyAnythingFails,
    ...nothingDropped,
    ...latency('small'),
    ...latency('medium'),
  };
  return suite(`throughput-${perSecond}`, throughput(perSecond), { '*': 'uploadMixed' }, thresholds);
}
