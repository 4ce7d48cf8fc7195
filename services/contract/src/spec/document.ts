/** What a BundlerConfig document says it is. */
export const bundlerConfigKind = { apiVersion: 'bundler.permaweb.dev/v1alpha1', kind: 'BundlerConfig' } as const;
