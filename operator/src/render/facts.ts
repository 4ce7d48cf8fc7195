import type { SecretKeyRef } from './manifest.ts';

/** Where the value of a platform variable is: here, or in a Secret. */
export type PlatformValue = { readonly value: string } | { readonly secretKeyRef: SecretKeyRef };

/** What a render needs to know beyond the spec. */
export interface Facts {
  /** Name of the BundlerConfig; every object's name starts with it. */
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly platform: {
    /** Values of the settings that have no place in the spec, by environment variable: URLs, keys, mounted files. */
    readonly env: Readonly<Record<string, PlatformValue>>;
  };
}
