import { access, constants } from 'node:fs/promises';

/** Whether there is a file at the path that may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
