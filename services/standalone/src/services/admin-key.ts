import { createHash, randomBytes } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';

/** Makes the key that opens the admin service, and the file with its digest, unless they are there. Both are their owner's alone. */
export async function ensureAdminKey(paths: { readonly adminKey: string; readonly adminKeys: string }): Promise<void> {
  try {
    await Promise.all([access(paths.adminKey), access(paths.adminKeys)]);
  } catch {
    const key = randomBytes(32).toString('base64url');
    const digest = createHash('sha256').update(key).digest('hex');
    await writeFile(paths.adminKey, `${key}\n`, { mode: 0o600 });
    await writeFile(paths.adminKeys, `${digest} local\n`, { mode: 0o600 });
  }
}
