/** What one look at a cluster or a platform has found. */
export interface Check {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly about: string;
  /** What was found and, unless that is fine, what to do. */
  readonly message: string;
}
