import { text } from '../../settings/kinds.ts';
import { type Field, field } from './define.ts';
import { object, objects, type Passthrough, stringMap } from './kinds.ts';

type Texts = Readonly<Record<string, string>>;
type List = readonly Passthrough[];

/** What can be added to pods. */
export interface PodTemplateAdditions {
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly nodeSelector: Texts;
  readonly priorityClassName: string;
  readonly affinity: Passthrough;
  readonly tolerations: List;
  readonly topologySpreadConstraints: List;
  readonly env: List;
  readonly volumes: List;
  readonly volumeMounts: List;
}

export type PodTemplateFields<Prefix extends string> = {
  [Name in keyof PodTemplateAdditions as `${Prefix}${Capitalize<Name>}`]: Field<PodTemplateAdditions[Name]>;
};

/** The fields below `<path>`, named `<prefix>Labels` and so on; `whose` follows "of". */
export function podTemplateFields<Prefix extends string>(
  prefix: Prefix,
  path: string,
  whose: string,
): PodTemplateFields<Prefix> {
  const leaf = <Value>(name: string, kind: Field<Value>['kind'], none: Value, doc: string) => [
    `${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`,
    field({ path: `${path}.${name}`, kind, default: none, doc: `${doc} of ${whose}.`, applies: 'restart' }),
  ];
  return Object.fromEntries([
    leaf('labels', stringMap(), {}, "More labels; the platform's own cannot be changed"),
    leaf('annotations', stringMap(), {}, 'More annotations'),
    leaf('nodeSelector', stringMap(), {}, 'Labels that the nodes must have'),
    leaf('priorityClassName', text(), '', 'Priority class'),
    leaf('affinity', object('Affinity'), {}, 'Affinity'),
    leaf('tolerations', objects('Toleration'), [], 'Tolerations'),
    leaf(
      'topologySpreadConstraints',
      objects('TopologySpreadConstraint'),
      [],
      'Spread constraints, instead of an even spread over hosts and zones where that is possible,',
    ),
    leaf(
      'env',
      objects('EnvVar', { maxItems: 128, named: true }),
      [],
      "More environment variables; those of the platform's settings are refused,",
    ),
    leaf('volumes', objects('Volume'), [], 'More volumes'),
    leaf('volumeMounts', objects('VolumeMount'), [], 'More mounts in the container'),
  ]) as unknown as PodTemplateFields<Prefix>;
}
