/** Why a request is not accepted: the HTTP status and the text a node would answer. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
}

/** Narrows the result of a check that returns either a value or a refusal. */
export function isRefusal(value: object): value is Refusal {
  return 'status' in value && 'text' in value;
}
