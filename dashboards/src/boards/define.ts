import { type Matcher, matches, type TargetLabel, type Vector } from '../promql/index.ts';
import type { BoardName } from './names.ts';

/** What Grafana puts behind numbers. */
export type Unit =
  | 's'
  | 'bytes'
  | 'Bps'
  | 'ops'
  | 'reqps'
  | 'percentunit'
  | 'short'
  | 'none'
  | 'd'
  | 'bool'
  | 'dateTimeAsIso';

export interface Query {
  readonly expr: Vector<string>;
  /** Name of its series, with labels in double braces. */
  readonly legend: string;
  /** Only the value of now, as tables have it. */
  readonly instant?: true;
  /** Points that lead to traces. */
  readonly exemplars?: true;
}

/** A line that a good value does not cross. */
export interface Limit {
  readonly value: number;
  readonly colour: 'orange' | 'red';
  /** Whether what is below is bad. */
  readonly least?: true;
}

export type PanelKind = 'timeseries' | 'stat' | 'table' | 'heatmap' | 'state-timeline' | 'alerts' | 'logs';

export interface Panel {
  readonly title: string;
  /** What it shows, what good looks like, and which setting moves it. */
  readonly description: string;
  readonly kind: PanelKind;
  readonly unit: Unit;
  /** Of 24. */
  readonly width: number;
  readonly queries: readonly Query[];
  readonly limits?: readonly Limit[];
  readonly stacked?: true;
  /** Greatest value that there can be. */
  readonly max?: number;
  /** Of a `state-timeline`: what its values mean. */
  readonly states?: Readonly<Record<number, readonly [text: string, colour: string]>>;
  /** Of `logs`: what is asked of Loki. */
  readonly logs?: string;
  /** What must be there, or happen, before it shows anything; Grafana says so where data would be. */
  readonly needs?: string;
  /**
   * Why it may show nothing on a whole platform with every kind of traffic: what it asks for is not a part of the platform.
   * The live proof looks that every other panel shows something, and that these are few.
   */
  readonly mayBeEmpty?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Once for each value of a variable. */
  readonly repeat?: 'queue';
  /** Closed until somebody opens it. */
  readonly closed?: true;
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** Its values: those of a label, of series. */
  readonly of: Vector<string>;
  readonly from: string;
}

export interface Board {
  readonly name: BoardName;
  readonly title: string;
  readonly description: string;
  /** Beside those that every board has. */
  readonly variables?: readonly Variable[];
  readonly rows: readonly Row[];
}

type Scope = { readonly [L in 'cluster' | 'namespace' | 'config']: Matcher };

/** The platforms that the board is about. */
export const scope: Scope & { readonly [L in Exclude<TargetLabel, keyof Scope>]?: Matcher } = {
  cluster: matches('$cluster'),
  namespace: matches('$namespace'),
  config: matches('$config'),
};
/** The same, and the processes that were chosen. */
export const pods = { ...scope, pod: matches('$pod') };
/** The operator's own series carry the namespace of the BundlerConfig that they are about. */
export const configs = { cluster: matches('$cluster'), namespace: matches('$namespace'), name: matches('$config') };
/** The operator itself, wherever it runs. */
export const operators = { cluster: matches('$cluster') };

/** How Grafana fits a window to the resolution. */
export const fitted = '$__rate_interval';

type Given = Omit<Panel, 'kind' | 'width'> & { readonly width?: number };
const kind =
  (kind: PanelKind, width: number) =>
  (panel: Given): Panel => ({ kind, width, ...panel });

export const timeseries = kind('timeseries', 8);
export const stat = kind('stat', 4);
export const table = kind('table', 24);
export const heatmap = kind('heatmap', 8);
export const states = kind('state-timeline', 12);

export const line = (expr: Vector<string>, legend: string): Query => ({ expr, legend });
/** A line whose points lead to traces. */
export const traced = (expr: Vector<string>, legend: string): Query => ({ expr, legend, exemplars: true });
export const cell = (expr: Vector<string>, legend: string): Query => ({ expr, legend, instant: true });

/** Logs of the chosen platform; closed, because it needs Loki. */
export function logsRow(component: string): Row {
  return {
    title: 'Logs',
    closed: true,
    panels: [
      {
        kind: 'logs',
        title: `Errors in the logs of ${component}`,
        description:
          "Lines of level warn and above, with trace_id where a trace was sampled. Needs Loki with the pods' labels namespace and pod; good is empty.",
        unit: 'none',
        width: 24,
        queries: [],
        logs: `{namespace=~"$namespace", pod=~"($config)-.*"} | json | level >= 40`,
        mayBeEmpty: 'needs Loki',
      },
    ],
  };
}
