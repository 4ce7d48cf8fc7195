import { type KubeApi, type KubeObject, orUndefined, resources } from '../../kube/index.ts';
import type { Check } from './check.ts';
import type { Crd } from './crd.ts';

const about = 'KEDA';
const { scaledObjects, triggerAuthentications, customResourceDefinitions } = resources;

/** Whether KEDA is there, with all that the operator asks of it. */
export async function examineKeda(api: Pick<KubeApi, 'get' | 'serves'>): Promise<Check[]> {
  const [scales, authenticates] = await Promise.all([scaledObjects, triggerAuthentications].map((t) => api.serves(t)));
  const { group, version } = scaledObjects;
  if (!scales) {
    const message = 'absent: queues run a fixed number of workers; install KEDA to have them scaled';
    return [{ level: 'warn', about, message }];
  }
  if (!authenticates) {
    const message = `${group}/${version} has no TriggerAuthentication: KEDA cannot log in to a Redis with a password; install KEDA as a whole`;
    return [{ level: 'fail', about, message }];
  }
  const crd = await orUndefined(
    api.get<KubeObject>({ type: customResourceDefinitions, name: `${scaledObjects.plural}.${group}` }),
  );
  return [crd === undefined || knowsFormulas(crd as Crd) ? { level: 'ok', about, message: SERVED } : TOO_OLD];
}

const SERVED = `${scaledObjects.group}/${scaledObjects.version} is served: ScaledObject and TriggerAuthentication`;
const TOO_OLD: Check = {
  level: 'fail',
  about,
  message: 'older than 2.12: its ScaledObjects take no formula (scalingModifiers); upgrade KEDA',
};

interface Schema {
  readonly properties?: Readonly<Record<string, Schema | undefined>>;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** The jobs of a queue are the sum of several lists: KEDA has to take a formula of triggers. */
function knowsFormulas({ spec: { versions } }: Crd): boolean {
  const served = versions.find(({ name }) => name === scaledObjects.version)?.schema;
  let schema = (served as { openAPIV3Schema?: Schema } | undefined)?.openAPIV3Schema;
  for (const field of ['spec', 'advanced', 'scalingModifiers']) {
    if (schema?.['x-kubernetes-preserve-unknown-fields']) return true;
    schema = schema?.properties?.[field];
  }
  return schema !== undefined;
}
