import type { Status, StatusCause } from './objects.ts';

/** What the API server answered when it did not do what was asked, or why there is no answer. */
export class KubeError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly code: number;
  /** The server's own words, without the request. */
  readonly detail: string;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** How long the server asks to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(request: string, answer: Answer, options?: ErrorOptions) {
    super(`${request}: ${answer.detail}`, options);
    this.name = new.target.name;
    this.code = answer.code;
    this.detail = answer.detail;
    this.reason = answer.reason ?? '';
    this.causes = answer.causes ?? [];
    this.retryAfterMs = answer.retryAfterMs;
  }

  /** True when the same request will fail again until somebody changes something: to retry soon is useless. */
  get terminal(): boolean {
    return false;
  }
}

interface Answer {
  readonly code: number;
  readonly detail: string;
  readonly reason?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The object does not exist. */
export class NotFound extends KubeError {}

/** The API itself does not exist on this server: a CRD is not installed, or not yet served. */
export class NotServed extends NotFound {}

/** Somebody else changed the object since it was read, or a precondition does not hold. */
export class Conflict extends KubeError {}

export class AlreadyExists extends Conflict {}

/** Server-side apply was not forced, and somebody else owns fields of the object. */
export class FieldConflict extends Conflict {
  /** Each field with the manager that owns it. */
  get owners(): { readonly manager: string; readonly field: string }[] {
    return this.causes
      .filter((cause) => cause.reason === FIELD_MANAGER_CONFLICT)
      .map(({ message = '', field = '' }) => ({
        manager: /^conflict with "([^"]*)"/.exec(message)?.[1] ?? message,
        field,
      }));
  }
}

/** The object is refused as it is: schema, validation, admission. */
export class Invalid extends KubeError {
  override get terminal(): boolean {
    return true;
  }

  /** Fields that can never change on the object as it stands; only a new object can have the new value. */
  get immutableFields(): string[] {
    return this.causes
      .filter(({ message = '' }) => /immutable|may not change once set/.test(message))
      .map(({ field = '' }) => field);
  }
}

/** The request is larger than the server takes. */
export class TooLarge extends KubeError {
  override get terminal(): boolean {
    return true;
  }
}

/** The service account may not do this. */
export class Forbidden extends KubeError {}

/** The credentials are not accepted, not even after they were read again. */
export class Unauthorized extends KubeError {}

/** The resourceVersion or the continue token is too old: list again. */
export class Gone extends KubeError {}

export class TooManyRequests extends KubeError {}

/** No answer, or one that says the server cannot at the moment: worth another try. */
export class Unavailable extends KubeError {}

const FIELD_MANAGER_CONFLICT = 'FieldManagerConflict';

/** Messages of HTTP 500 that mean "this object can never be applied" [kube-apiserver 1.34, typed patch of apply]. */
const TYPED_PATCH_REFUSED = /failed to create typed patch object|field not declared in schema/;

type KubeErrorClass = new (request: string, answer: Answer, options?: ErrorOptions) => KubeError;

const byCode: Readonly<Record<number, KubeErrorClass>> = {
  400: Invalid,
  401: Unauthorized,
  403: Forbidden,
  405: Invalid,
  406: Invalid,
  409: Conflict,
  410: Gone,
  413: TooLarge,
  415: Invalid,
  422: Invalid,
  429: TooManyRequests,
};

/**
 * The error for an answer that is not a success.
 *
 * @param request what was asked, for the message
 * @param body the answer's text: a Status, or whatever stood between us and the API server said
 * @param retryAfter the header of that name, seconds
 */
export function errorFrom(request: string, code: number, body: string, retryAfter?: string): KubeError {
  return errorFromStatus(request, { code, ...parseStatus(body) }, code, retryAfter);
}

/** As `errorFrom`, of a Status that is already at hand, such as that of an ERROR line in a watch. */
export function errorFromStatus(request: string, status: Status, code: number, retryAfter?: string): KubeError {
  const seconds = Number(retryAfter ?? status.details?.retryAfterSeconds);
  const answer: Answer = {
    code,
    detail: status.message || `HTTP ${code}`,
    reason: status.reason,
    causes: status.details?.causes,
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
  };
  return new (classOf(answer, status))(request, answer);
}

/** The error for a request that got no answer. */
export function unreachable(request: string, cause: unknown): Unavailable {
  const detail = describe(cause);
  return new Unavailable(request, { code: 0, detail, reason: 'NoAnswer' }, { cause });
}

/** Turns "it does not exist" into undefined. */
export async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function classOf({ code, detail, reason, causes }: Answer, status: Status): KubeErrorClass {
  if (code === 404) return status.details?.name === undefined ? NotServed : NotFound;
  if (code === 409 && reason === 'AlreadyExists') return AlreadyExists;
  if (code === 409 && causes?.some((cause) => cause.reason === FIELD_MANAGER_CONFLICT)) return FieldConflict;
  if (code === 500 && TYPED_PATCH_REFUSED.test(detail)) return Invalid;
  return byCode[code] ?? (code >= 500 ? Unavailable : KubeError);
}

function parseStatus(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // A proxy's page, or "404 page not found".
  }
  return { message: body.trim().slice(0, 500) };
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Several addresses were tried; the outer message is empty then.
  if (cause instanceof AggregateError) return cause.errors.map(describe).join('; ');
  return cause.message;
}
