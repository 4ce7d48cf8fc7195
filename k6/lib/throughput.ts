import type { Options } from 'k6/options';
import { throughput } from '../profiles/throughput.ts';
import { suite } from './suite.ts';
import { keptUp } from './thresholds.ts';

/** The options of a suite that holds a rate of uploads. */
export function throughputSuite(perSecond: number): Options {
  return suite(`throughput-${perSecond}`, throughput(perSecond), { '*': 'uploadMixed' }, keptUp);
}
