/** What a BundlerConfig document says it is. */
export const bundlerConfigKind = { apiVersion: 'bundler.permaweb.dev/v1alpha1', kind: 'BundlerConfig' } as const;

/** What a BundlerConfig may be called: its name starts the names of all its objects, which have at most 63 characters. */
export const bundlerConfigName = { maxLength: 30, pattern: '^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$' } as const;
