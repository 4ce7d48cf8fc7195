import { open } from 'node:fs/promises';

/** As large as a ConfigMap can be. */
const MAX_BYTES = 1024 * 1024;

/** The file's text. @throws Error when it cannot be read or is larger than a ConfigMap can be */
export async function readLiveFile(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new Error(`is larger than ${MAX_BYTES} bytes`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
