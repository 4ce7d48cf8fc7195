/** What stands where a secret stood. */
export const REDACTED = '***';

/** Names under which secrets are kept, in whatever spelling; `jwk` and `d` are those of private keys. */
const SECRET_NAME =
  /pass(word|wd|phrase)|secret|token|authori[sz]ation|credential|cookie|(private|api|access|admin)[-_]?key|^jwk$|^(d|p|q|dp|dq|qi)$/i;

/** Names that sound like it and hold a name, a place or a number. */
const HARMLESS =
  /(ref|name|namespace|(?<!api[-_]?|access[-_]?|admin[-_]?|private[-_]?)key|file|port|ttl|count|enabled)$/i;

/** What is called a secret, in text, with the rest of its name. */
const NAMED =
  '(?:pass(?:word|wd|phrase)|secret|token|credential|(?:private|api|access|admin)[-_]?key)[a-z0-9_-]*\\\\?["\']?';

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // user:password@host, in a URL of whatever scheme; up to the last @, since passwords may hold one, and a slash.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]+@/gi, `$1${REDACTED}@`],
  // Keys that carry their own name: Stripe's, AWS's.
  [/\b(sk|rk|whsec)_[A-Za-z0-9_]{8,}/g, REDACTED],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  // JSON Web Tokens, wherever they stand.
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  // The parts of a private JWK; also where its quotes are escaped, as in a log line that quotes JSON.
  [/(\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s*:\s*\\?")[A-Za-z0-9_-]{16,}/g, `$1${REDACTED}`],
  // name="value of some words", then name=value and "name": "value", of what is called a secret.
  [new RegExp(`(${NAMED}\\s*[=:]\\s*)(\\\\?["'])(?:(?!\\2).)+\\2`, 'gi'), `$1$2${REDACTED}$2`],
  [new RegExp(`(${NAMED}\\s*[=:]\\s*\\\\?["']?)[^\\s"'\\\\,;&}]+`, 'gi'), `$1${REDACTED}`],
];

/** Text without the secrets that can be told from their form: credentials in URLs, tokens, private keys, `password=`. */
export function redactText(text: string): string {
  return PATTERNS.reduce((shown, [pattern, instead]) => shown.replace(pattern, instead), text);
}

/** A value of JSON without its secrets: what has the name of one, and in every text what looks like one. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactNamed(name, inner, value)]));
}

function redactNamed(name: string, value: unknown, owner: object): unknown {
  // An environment variable: its name says what its value is.
  const called = name === 'value' && 'name' in owner && typeof owner.name === 'string' ? owner.name : name;
  const isSecret = typeof value === 'string' && SECRET_NAME.test(called) && !HARMLESS.test(called);
  return isSecret ? REDACTED : redact(value);
}
