import { objectives } from './objectives.ts';
import { settings } from './settings.ts';

/** A check that fails once is a defect. */
export const allChecks = { checks: ['rate==1'] };
/** Of uploads in parts, whose failures are no failed request. */
export const hardlyAnyCheckFails = { checks: [`rate>${1 - objectives.failedShare}`] };
/** An open load that falls behind would measure a gentler one. */
export const nothingDropped = { dropped_iterations: ['count==0'] };
export const nothingFails = { 'http_req_failed{kind:upload}': ['rate==0'] };
export const hardlyAnythingFails = { 'http_req_failed{kind:upload}': [`rate<${objectives.failedShare}`] };

/** Below an objective, in milliseconds, times the slack that the run is given. */
export const within = (milliseconds: number): string => `<${milliseconds * settings.slack}`;

/** How long uploads of a size may take; `tags` narrows it to a part of the run. */
export function latency(size: keyof typeof objectives.p99Milliseconds, tags = ''): Record<string, string[]> {
  const metric = `http_req_duration{kind:upload,size_category:${size}${tags === '' ? '' : `,${tags}`}}`;
  return { [metric]: [`p(99)${within(objectives.p99Milliseconds[size])}`] };
}

/** What holds of a rate of mixed uploads that is kept up. */
export const keptUp = {
  ...hardlyAnyCheckFails,
  ...hardlyAnythingFails,
  ...nothingDropped,
  ...latency('small'),
  ...latency('medium'),
};
