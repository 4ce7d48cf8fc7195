import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { type Claims, MIN_TOKEN_SECRET, readSignedToken, signToken } from '@bundler/runtime';

/** Whom a token is for (`aud`): one of another service of ours is worth nothing here. */
export const CLIENT_TOKEN_AUDIENCE = 'bundler-upload';
/** What a subject may be: it is a key in Redis. */
export const SUBJECT = /^[\w.:@-]{1,128}$/;
/** How far the clocks of who issues tokens and of who checks them may differ, seconds. */
const SKEW_SECONDS = 60;
/** The one that signs, and the one before it. */
const MAX_SECRETS = 2;

/**
 * Says whom a request comes from by its token (RFC 7519, HS256 and nothing else): a subject, this service as audience, and until
 * when. Two secrets count, so that one can be replaced while tokens of the other are still in use.
 */
export class ClientTokens {
  readonly #secrets: readonly string[];
  readonly #now: () => number;

  /** @param now Unix milliseconds */
  constructor(secrets: readonly string[], now: () => number) {
    this.#secrets = secrets;
    this.#now = now;
  }

  /** The subject of the token that a request brings; undefined when it brings none that is good. */
  subject({ authorization }: Pick<IncomingHttpHeaders, 'authorization'>): string | undefined {
    const claims = readSignedToken(authorization, this.#secrets);
    return claims && this.#read(claims);
  }

  #read({ sub, aud, exp, nbf = 0 }: Claims): string | undefined {
    const now = this.#now() / 1000;
    const isMeant = [aud].flat().includes(CLIENT_TOKEN_AUDIENCE);
    const isNow = typeof exp === 'number' && exp > now && typeof nbf === 'number' && nbf <= now + SKEW_SECONDS;
    return isMeant && isNow && typeof sub === 'string' && SUBJECT.test(sub) ? sub : undefined;
  }
}

/** Makes a token. @param until Unix milliseconds */
export function issueClientToken(secret: string, subject: string, now: number, until: number): string {
  return signToken(secret, {
    sub: subject,
    aud: CLIENT_TOKEN_AUDIENCE,
    iat: Math.floor(now / 1000),
    exp: Math.floor(until / 1000),
  });
}

/**
 * Reads the file of secrets, the one that signs first. @param path empty means that there is none
 *
 * @throws Error that names the file and what is wrong, never what stands in it
 */
export async function loadTokenSecrets(path: string): Promise<string[]> {
  if (path === '') return [];
  const wrong = (what: string): Error => new Error(`The file of token secrets ${path} (JWT_SECRETS_FILE) ${what}`);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw wrong(`cannot be read: ${(error as Error).message}`);
  }
  const secrets = content.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (secrets.length === 0 || secrets.length > MAX_SECRETS) {
    throw wrong(`has ${secrets.length} secrets; it must have one or ${MAX_SECRETS}`);
  }
  if (secrets.some((secret) => secret.length < MIN_TOKEN_SECRET)) {
    throw wrong(`has a secret of less than ${MIN_TOKEN_SECRET} characters`);
  }
  return secrets;
}
