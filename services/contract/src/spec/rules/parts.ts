import { queueNames, queues } from '../../queues/index.ts';
import { settings } from '../../settings/index.ts';
import { formatDuration } from '../../settings/units.ts';
import type { SpecRule, SpecViolation } from './define.ts';

/** What has nobody to show it is refused, not ignored: whoever switches it on expects to see it. */
const boardNeedsAdmin: SpecRule = {
  name: 'boardNeedsAdmin',
  says: 'the queue board is shown by the admin service: board.enabled needs admin.enabled',
  check: ({ adminEnabled, boardEnabled }) =>
    boardEnabled && !adminEnabled
      ? [
          {
            field: 'boardEnabled',
            message: 'is true, but the admin service shows it; set admin.enabled too',
            because: ['adminEnabled'],
          },
        ]
      : [],
};

/** Without tag or digest a repository means `latest`, which names another image every day. */
const imageReference: SpecRule = {
  name: 'imageReference',
  says: 'image.repository needs a tag or a digest, and these need a repository',
  check: ({ imageRepository: repository, imageTag: tag, imageDigest: digest }) => {
    const because = ['imageTag', 'imageDigest'] as const;
    if (repository !== '' && tag === '' && digest === '') {
      return [{ field: 'imageRepository', message: `is ${repository} without a tag or a digest; add one`, because }];
    }
    if (repository === '' && (tag !== '' || digest !== '')) {
      return [{ field: 'imageRepository', message: `is empty, but ${digest || tag} is to be found in it`, because }];
    }
    return [];
  },
};

/** A process that is told a setting twice obeys one of them, and the other looks as if it were in force. */
const podEnvironment: SpecRule = {
  name: 'podEnvironment',
  says: "podTemplate.env must not name the platform's own settings: they have their places in the spec",
  check: (config) =>
    (['podEnv', 'uploadPodEnv', 'workersPodEnv'] as const).flatMap((field) =>
      config[field].flatMap(({ name }): SpecViolation[] => {
        const own = settingPlaces.get(String(name));
        return own === undefined ? [] : [{ field, message: `names ${name}, which is a setting: ${own}` }];
      }),
    ),
};

/** What to do instead. Those without a place come from the spec's references and addresses; two of a name Kubernetes refuses. */
const settingPlaces = new Map<string, string>(
  Object.values(settings).map(({ env, path }) => [
    env,
    path === null ? 'the platform gives it to its pods itself' : `write spec.${path}`,
  ]),
);

/** Least and most pods. */
const replicaBounds: SpecRule = {
  name: 'replicaBounds',
  says: 'minReplicas must not exceed maxReplicas',
  check: (config) =>
    (['upload', ...queueNames] as const).flatMap((who): SpecViolation[] => {
      const [min, max] = [config[`${who}MinReplicas`], config[`${who}MaxReplicas`]];
      if (min <= max) return [];
      const message = `is ${min}, above maxReplicas (${max}); lower it to ${max} or less`;
      return [{ field: `${who}MinReplicas`, message, because: [`${who}MaxReplicas`] }];
    }),
};

/** Housekeeping that runs twice at the same time does the same work twice. */
const singletons: SpecRule = {
  name: 'singletons',
  says: 'redrive and cleanup run one job in one pod: replicas, minReplicas, maxReplicas and concurrency must be 1',
  check: (config) =>
    queueNames
      .filter((queue) => queues[queue].singleton)
      .flatMap((queue) => {
        const fields = [
          `${queue}Concurrency`,
          `${queue}Replicas`,
          `${queue}MinReplicas`,
          `${queue}MaxReplicas`,
        ] as const;
        const message = (value: number) => `is ${value}; ${queue} runs one job in one pod, so it must be 1`;
        return fields
          .filter((field) => config[field] !== 1)
          .map((field) => ({ field, message: message(config[field]) }));
      }),
};

/** The schedule of a queue ticks inside its workers: at zero pods nothing would ever wake it. */
const scheduledQueues: SpecRule = {
  name: 'scheduledQueues',
  says: 'a queue that a schedule feeds cannot scale to zero: the schedule ticks in its workers',
  check: (config) =>
    queueNames
      .filter((queue) => queues[queue].scheduled && !queues[queue].singleton && config[`${queue}MinReplicas`] === 0)
      .map((queue) => ({
        field: `${queue}MinReplicas`,
        message: `is 0, but the schedule of ${queue} ticks in its workers; keep at least 1`,
      })),
};

/** Kubernetes refuses a Deployment whose pods could only count after its deadline. */
const rolloutDeadline: SpecRule = {
  name: 'rolloutDeadline',
  says: 'rollout.progressDeadline must exceed rollout.minReady',
  check: ({ rolloutProgressDeadline: deadline, rolloutMinReady: ready }) =>
    deadline > ready
      ? []
      : [
          {
            field: 'rolloutProgressDeadline',
            message: `is ${formatDuration(deadline)}; it must be above minReady (${formatDuration(ready)})`,
            because: ['rolloutMinReady'],
          },
        ],
};

export const partRules = [
  boardNeedsAdmin,
  imageReference,
  podEnvironment,
  replicaBounds,
  singletons,
  scheduledQueues,
  rolloutDeadline,
] as const satisfies readonly SpecRule[];
