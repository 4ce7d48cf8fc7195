import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';

/** Who holds which API key. Only digests are known here: a file that leaks lets nobody in. */
export class ApiKeys {
  /** Names by digest. To look a digest up tells nothing about the key, whatever time it takes. */
  readonly #names: ReadonlyMap<string, string>;

  /** @param names by digest, hexadecimal digits in lower case */
  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
  }

  get size(): number {
    return this.#names.size;
  }

  /** The name of the key that a request brings; undefined when it brings none that is known. */
  holder(headers: IncomingHttpHeaders): string | undefined {
    const { authorization } = headers;
    if (this.#names.size === 0 || authorization === undefined) return undefined;
    const [, key] = /^Bearer +([^ ]+)$/i.exec(authorization) ?? [];
    return key === undefined ? undefined : this.#names.get(createHash('sha256').update(key).digest('hex'));
  }

  /** The name of a key; undefined for one that is not known. Compares with all of them, each in constant time: for few keys that open much. */
  nameOf(key: string): string | undefined {
    const digest = createHash('sha256').update(key).digest();
    let found: string | undefined;
    for (const [known, name] of this.#names) if (timingSafeEqual(digest, Buffer.from(known, 'hex'))) found = name;
    return found;
  }
}

/**
 * Reads the file of API keys.
 *
 * @param path empty means that there is none
 * @param variable the setting that names the file
 * @throws Error that names the file and the line that is wrong, never what stands in it
 */
export async function loadApiKeys(path: string, variable = 'API_KEYS_FILE'): Promise<ApiKeys> {
  if (path === '') return new ApiKeys(new Map());
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`The file of API keys ${path} cannot be read (${variable}): ${(error as Error).message}`);
  }
  return new ApiKeys(parseApiKeys(content, path, variable));
}

/** As `sha256sum` prints: a digest, blanks, a name. Empty lines and those that begin with # say nothing. */
function parseApiKeys(content: string, path: string, variable: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, digest, name] = /^([0-9a-fA-F]{64})[ \t]+([^ \t]+)[ \t\r]*$/.exec(line) ?? [];
    if (digest === undefined || name === undefined) {
      throw new Error(`Line ${index + 1} of ${path} (${variable}) is not the SHA-256 of a key and a name for it`);
    }
    names.set(digest.toLowerCase(), name);
  }
  return names;
}
