import { boolean, duration, text } from '../../settings/kinds.ts';
import { field } from './define.ts';
import { imageDigest, imageRepository, imageTag, objects, stringMap } from './kinds.ts';

const hour = 3_600_000;

/** What concerns the platform as a whole: its image, and how the operator treats it. */
export const platform = {
  suspend: field({
    path: 'suspend',
    kind: boolean(),
    default: false,
    doc: 'Stops reconciling: what runs goes on running as it is, and status is still reported.',
  }),
  deletionPolicy: field({
    path: 'deletionPolicy',
    kind: text({ values: ['Delete', 'Orphan'] }),
    default: 'Delete',
    doc: 'What becomes of the objects when the BundlerConfig is deleted: Delete removes them, Orphan leaves them running.',
  }),
  rolloutProgressDeadline: field({
    path: 'rollout.progressDeadline',
    kind: duration('s', { min: 30_000, max: 24 * hour }),
    default: 600_000,
    doc: 'A Deployment whose new pods make no progress for this long has failed.',
  }),
  rolloutMinReady: field({
    path: 'rollout.minReady',
    kind: duration('s', { min: 0, max: hour }),
    default: 30_000,
    doc: 'How long a new pod must be ready without a break before it counts.',
  }),
  rolloutOnFailure: field({
    path: 'rollout.onFailure',
    kind: text({ values: ['RollBack', 'Hold'] }),
    default: 'RollBack',
    doc: 'What follows a failed rollout: RollBack returns to the last good revision, Hold leaves things for a person to look at.',
  }),
  imageRepository: field({
    path: 'image.repository',
    kind: imageRepository(),
    default: '',
    doc: "Image of the platform's processes; empty means the one that belongs to the operator's version.",
    applies: 'restart',
  }),
  imageTag: field({
    path: 'image.tag',
    kind: imageTag(),
    default: '',
    doc: 'Tag in the repository. A digest is safer: it always names the same image.',
    applies: 'restart',
  }),
  imageDigest: field({
    path: 'image.digest',
    kind: imageDigest(),
    default: '',
    doc: 'Digest in the repository; it wins over the tag.',
    applies: 'restart',
  }),
  imagePullPolicy: field({
    path: 'image.pullPolicy',
    kind: text({ values: ['IfNotPresent', 'Always', 'Never'] }),
    default: 'IfNotPresent',
    doc: 'When nodes fetch the image.',
    applies: 'restart',
  }),
  imagePullSecrets: field({
    path: 'image.pullSecrets',
    kind: objects('LocalObjectReference', { maxItems: 8 }),
    default: [],
    doc: 'Secrets for the registry, as {name}.',
    applies: 'restart',
  }),
  serviceAccountAnnotations: field({
    path: 'serviceAccount.annotations',
    kind: stringMap(),
    default: {},
    doc: "Annotations of the pods' ServiceAccount, such as the cloud role that may use the bucket.",
  }),
};
