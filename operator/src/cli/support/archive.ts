import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

/** Files as a `.tar.gz` with one folder, which no one but its owner may read once it is unpacked. */
export async function archive(folder: string, files: readonly BundleFile[], at: Date): Promise<Uint8Array> {
  const tar = pack();
  for (const { name, text } of files) tar.entry({ name: `${folder}/${name}`, mode: 0o600, mtime: at }, text);
  tar.finalize();
  return buffer(tar.pipe(createGzip()));
}
