/** A board as the page draws it: everything is decided but for pixels. */
export interface DrawnBoard {
  readonly title: string;
  readonly description: string;
  /** When, for people. */
  readonly when: string;
  readonly rows: readonly DrawnRow[];
}

export interface DrawnRow {
  readonly title: string;
  /** None where it is closed. */
  readonly panels: readonly DrawnPanel[];
  /** What is not drawn, and why. */
  readonly remark?: string;
}

export interface DrawnPanel {
  readonly title: string;
  readonly kind: 'timeseries' | 'stat' | 'table' | 'heatmap' | 'state-timeline' | 'empty';
  /** What Grafana calls it. */
  readonly unit: string;
  /** Of 24. */
  readonly width: number;
  readonly series: readonly DrawnSeries[];
  /** Times of all points of all series, seconds since 1970. */
  readonly times: readonly number[];
  readonly limits: readonly { readonly value: number; readonly colour: string; readonly least: boolean }[];
  readonly stacked: boolean;
  readonly max?: number;
  readonly states: Readonly<Record<number, readonly [text: string, colour: string]>>;
  /** Of a table. */
  readonly columns: readonly string[];
  readonly cells: readonly (readonly (string | number)[])[];
  /** In the place of data. */
  readonly note: string;
}

export interface DrawnSeries {
  readonly name: string;
  /** One for each time; null where there is none. */
  readonly values: readonly (number | null)[];
}
