/** Stops what the set-up started; both run in the same process. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.stopTestServers?.();
}
