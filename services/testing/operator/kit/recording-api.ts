import type { KubeApi } from '@bundler/operator/kube';

const writes = ['create', 'replace', 'apply', 'patch', 'patchStatus', 'delete'] as const;

/** One request that would change something. */
export interface Write {
  readonly method: (typeof writes)[number];
  /** Such as `Deployment/demo-upload`. */
  readonly object: string;
}

/** The same API, which notes every write. */
export function recording(api: KubeApi, noted: Write[]): KubeApi {
  const note =
    (method: Write['method']) =>
    (target: unknown, ...rest: unknown[]) => {
      const named = target as { kind?: string; type?: { kind: string }; name?: string; metadata?: { name: string } };
      noted.push({ method, object: `${named.kind ?? named.type?.kind}/${named.name ?? named.metadata?.name}` });
      return (api[method] as (...args: unknown[]) => unknown).call(api, target, ...rest);
    };
  const noting = Object.fromEntries(writes.map((method) => [method, note(method)]));
  const reading = (['get', 'list', 'watch', 'serves'] as const).map((method) => [method, api[method].bind(api)]);
  return { ...Object.fromEntries(reading), ...noting } as unknown as KubeApi;
}
