import type { Passthrough, PodTemplateAdditions, SpecConfig } from '@bundler/contract';

type Prefix = 'pod' | 'uploadPod' | 'workersPod';

/** What the spec adds to the pods of a component: what it says for all, then what it says for these. */
export function podAdditions(own: 'uploadPod' | 'workersPod' | undefined, config: SpecConfig): PodTemplateAdditions {
  const parts = (own === undefined ? (['pod'] as const) : (['pod', own] as const)).map((prefix) =>
    read(prefix, config),
  );
  return parts.reduce(merge);
}

function read(prefix: Prefix, config: SpecConfig): PodTemplateAdditions {
  return {
    labels: config[`${prefix}Labels`],
    annotations: config[`${prefix}Annotations`],
    nodeSelector: config[`${prefix}NodeSelector`],
    priorityClassName: config[`${prefix}PriorityClassName`],
    affinity: config[`${prefix}Affinity`],
    tolerations: config[`${prefix}Tolerations`],
    topologySpreadConstraints: config[`${prefix}TopologySpreadConstraints`],
    env: config[`${prefix}Env`],
    volumes: config[`${prefix}Volumes`],
    volumeMounts: config[`${prefix}VolumeMounts`],
  };
}

/** Maps are merged, lists joined; where there can be only one, the more special one is. */
function merge(general: PodTemplateAdditions, special: PodTemplateAdditions): PodTemplateAdditions {
  return {
    labels: { ...general.labels, ...special.labels },
    annotations: { ...general.annotations, ...special.annotations },
    nodeSelector: { ...general.nodeSelector, ...special.nodeSelector },
    priorityClassName: special.priorityClassName || general.priorityClassName,
    affinity: isEmpty(special.affinity) ? general.affinity : special.affinity,
    tolerations: [...general.tolerations, ...special.tolerations],
    topologySpreadConstraints:
      special.topologySpreadConstraints.length > 0
        ? special.topologySpreadConstraints
        : general.topologySpreadConstraints,
    env: named([...general.env, ...special.env]),
    volumes: named([...general.volumes, ...special.volumes]),
    volumeMounts: [...general.volumeMounts, ...special.volumeMounts],
  };
}

/** Of entries with the same name the last counts: the API server refuses two. */
function named(entries: readonly Passthrough[]): readonly Passthrough[] {
  return entries.filter(({ name }, index) => !entries.slice(index + 1).some((later) => later.name === name));
}

export const isEmpty = (value: object): boolean => Object.keys(value).length === 0;
