import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** 256 bits, in hex. */
const BYTES = 32;

/** The secret in a file, made on first use, readable by its owner only: no two machines ever share one. */
export async function openSecret(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    const secret = randomBytes(BYTES).toString('hex');
    await writeFile(`${path}.new`, secret, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return secret;
  });
}
