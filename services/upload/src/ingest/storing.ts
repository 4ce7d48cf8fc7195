import { ApiError } from '@bundler/contract';

/** Does something in the object store. @throws ApiError `unavailable` when that fails, so that clients try again */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new ApiError('unavailable', { cause, retryAfter: 1 });
  }
}
