import type { Load } from '../profiles/profile.ts';

const required = (name: string): string => {
  const value = __ENV[name];
  if (!value) throw new Error(`${name} is not set; "make load" sets it, and docs/load-tests.md says what it is`);
  return value;
};

/** What a run is told by its environment. */
export const settings = {
  /** The upload API, without a slash at the end. */
  target: required('TARGET').replace(/\/+$/, ''),
  /** Directory of the corpus. */
  corpus: required('CORPUS'),
  /** Directory for reports. */
  artifacts: required('ARTIFACTS'),
  /** Where a suite asks its runner to hang the payment service or to kill a worker; empty when nobody can. */
  control: __ENV.CONTROL ?? '',
  /** A key that the platform knows; empty when there is none. */
  apiKey: __ENV.API_KEY ?? '',
  /** An address that nobody has sent from, for a platform that trusts one proxy. */
  clientAddress: __ENV.CLIENT_ADDRESS ?? '',
  /** How many times longer than the objectives say anything may take: for machines that do something else meanwhile. */
  slack: Math.max(1, Number(__ENV.SLACK ?? '1')),
} as const;

/** How long and how hard. */
export function load(): Load {
  const { SIZE = 'short', SCALE = '1' } = __ENV;
  if (SIZE !== 'short' && SIZE !== 'full') throw new Error(`SIZE is ${SIZE}; it must be short or full`);
  const scale = Number(SCALE);
  if (!(scale > 0 && scale <= 1)) throw new Error(`SCALE is ${SCALE}; it must be above 0 and at most 1`);
  return { size: SIZE, scale };
}
