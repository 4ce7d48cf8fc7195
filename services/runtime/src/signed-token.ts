import { createHmac, timingSafeEqual } from 'node:crypto';

/** Least characters of a secret: whoever could guess it could sign for everybody. */
export const MIN_TOKEN_SECRET = 32;

const HEADER = { alg: 'HS256', typ: 'JWT' };
const BEARER = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]+)$/i;

/** What a token says; whose it is to judge it. */
export type Claims = Readonly<Record<string, unknown>>;

/** Makes a token (RFC 7519, HS256). */
export function signToken(secret: string, claims: Claims): string {
  const signed = [HEADER, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${mac(secret, signed).toString('base64url')}`;
}

/**
 * What the token of an `authorization` header says, if one of the secrets signed it, with HS256 and nothing else: the one in use, and
 * the one before it while tokens of that are about. For whom it is meant, and until when, is not judged here.
 */
export function readSignedToken(authorization: string | undefined, secrets: readonly string[]): Claims | undefined {
  const [, header, claims, signature] = BEARER.exec(authorization ?? '') ?? [];
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const isSigned = secrets.some((secret) => {
    const expected = mac(secret, `${header}.${claims}`);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned && parse(header).alg === HEADER.alg ? parse(claims) : undefined;
}

const mac = (secret: string, signed: string): Buffer => createHmac('sha256', secret).update(signed).digest();

function parse(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Claims) : {};
  } catch {
    return {};
  }
}
