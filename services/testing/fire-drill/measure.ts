import type { Fault } from './faults/index.ts';
import type { Delivery } from './monitoring/webhook.ts';

/** When what was done, milliseconds since the epoch. */
export interface Times {
  readonly caused: number;
  readonly undone: number;
}

/** What became of one alert that had to arrive. */
export interface Arrival {
  readonly alert: string;
  readonly severity: string | undefined;
  /** Seconds from the fault to the notification; undefined when none came while it lasted. */
  readonly toAlert: number | undefined;
  /** Seconds from the end of the fault to the notification that the alert is over; undefined when none came. */
  readonly toRecovery: number | undefined;
}

export interface FaultResult {
  /** When it was caused, milliseconds since the epoch. */
  readonly caused: number;
  readonly fault: Pick<Fault, 'name' | 'what'>;
  readonly arrivals: readonly Arrival[];
  /** Alerts that arrived too, as the fault declares, or as tickets. */
  readonly also: readonly string[];
  /** Critical alerts of which nothing was declared: somebody was woken for the wrong reason. */
  readonly unexpected: readonly string[];
  /** Alerts that were told to be over while the fault lasted. */
  readonly early: readonly string[];
}

/** Who is on call is told here; the rest makes tickets. */
export const PAGE = 'bundler-page';

/** Judges what arrived for the platform of a fault. */
export function measure(fault: Fault, deliveries: readonly Delivery[], { caused, undone }: Times): FaultResult {
  const ours = deliveries.filter(({ labels }) => labels.config === fault.name);
  const named = new Set<string>([...fault.alerts, ...(fault.companions ?? [])]);
  const fired = ours.filter(({ status }) => status === 'firing');
  const names = (found: readonly Delivery[]): string[] => [...new Set(found.map(({ labels }) => labels.alertname!))];
  return {
    caused,
    fault: { name: fault.name, what: fault.what },
    arrivals: fault.alerts.map((alert) => {
      const first = firstOf(fired, alert, caused);
      const intime = first !== undefined && first.at <= undone ? first : undefined;
      const over = intime && ours.find((one) => isSame(one, intime) && one.status === 'resolved' && one.at >= undone);
      return {
        alert,
        severity: first?.labels.severity,
        toAlert: intime && (intime.at - caused) / 1000,
        toRecovery: over && (over.at - undone) / 1000,
      };
    }),
    also: names(
      fired.filter(
        ({ labels, receiver }) =>
          isOther(labels.alertname!, fault) && (receiver !== PAGE || named.has(labels.alertname!)),
      ),
    ),
    unexpected: names(fired.filter(({ labels, receiver }) => receiver === PAGE && !named.has(labels.alertname!))),
    early: names(
      ours.filter(
        ({ at, labels, status }) =>
          status === 'resolved' && at >= caused && at < undone && !isOther(labels.alertname!, fault),
      ),
    ),
  };
}

/** Whether all that had to arrive did, and nothing that may not. */
export function isGood({ arrivals, early, unexpected }: FaultResult): boolean {
  const arrived = arrivals.every(({ toAlert, toRecovery }) => toAlert !== undefined && toRecovery !== undefined);
  return arrived && early.length === 0 && unexpected.length === 0;
}

/** Whether every alert of a fault has arrived since it was caused. */
export function haveArrived({ alerts, name }: Fault, deliveries: readonly Delivery[], caused: number): boolean {
  const fired = deliveries.filter(({ labels, status }) => labels.config === name && status === 'firing');
  return alerts.every((alert) => firstOf(fired, alert, caused) !== undefined);
}

function firstOf(fired: readonly Delivery[], alert: string, since: number): Delivery | undefined {
  return fired.find(({ at, labels }) => at >= since && labels.alertname === alert);
}

const isSame = (one: Delivery, other: Delivery): boolean => one.fingerprint === other.fingerprint;
const isOther = (name: string, { alerts }: Fault): boolean => !alerts.some((alert) => alert === name);
