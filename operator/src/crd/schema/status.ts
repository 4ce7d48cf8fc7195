import { conditionTypes } from '../../status/conditions.ts';
import { count, type JsonSchema, list, listBy, object, text } from './json-schema.ts';

const connectionBudget = object('Database connections.', {
  available: count('What the server has for the platform: max_connections less the reserved ones.'),
  possible: count('What all pods together could hold, those of a rollout included.'),
  payment: object('The same of the payment database, where there is one.', {
    available: count('What its server has for it; absent where the spec does not say.'),
    possible: count('What all pods of the payment service together could hold.'),
  }),
});

const condition: Readonly<Record<string, JsonSchema>> = {
  type: text(`One of ${conditionTypes.join(', ')}.`),
  status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
  observedGeneration: count('The generation of the spec that it is about.'),
  lastTransitionTime: { type: 'string', format: 'date-time' },
  reason: text('One word, for programs.'),
  message: text('A sentence, for people.'),
};

/** `BundlerConfig.status`, as `status/types.ts` describes it to the operator. */
export const statusSchema: JsonSchema = object('What the operator sees and does.', {
  observedGeneration: count('The generation of the spec that all this is about.'),
  conditions: listBy('type', 'How things stand, in the form that kubectl wait and GitOps tools read.', condition),
  revision: object('Which specs run.', {
    current: text('What the upload API runs.'),
    lastGood: text('What the platform goes back to.'),
    updating: text('What is being rolled out.'),
    step: text('Where the rollout is, and what it waits for.'),
    failedGeneration: count('The generation whose rollout failed; it is not tried again by itself.'),
  }),
  summary: object('The columns of kubectl get.', {
    workers: text('Worker pods that are ready, of those that are wanted.'),
    connections: text('Database connections that all pods could hold, of those that there are.'),
  }),
  liveGeneration: count('The generation whose live settings the pods are given.'),
  connectionBudget,
  components: listBy('name', 'The Deployments.', {
    name: text('Name of the Deployment.'),
    desired: count('Pods that are wanted.'),
    updated: count('Pods of the present template.'),
    ready: count('Pods that are ready.'),
    image: text('Image that its pods run.'),
  }),
  workers: listBy('queue', 'The queues and who works on them.', {
    queue: text('Name of the queue.'),
    desired: count('Pods that are wanted.'),
    ready: count('Pods that are ready.'),
    scaling: text(
      'Who decides how many pods there are, and how that goes: Fixed, Active, Idle, Paused, Fallback, Failing or Pending.',
    ),
    backlog: count('Jobs that wait or run, as the autoscaler last saw them, rounded to two digits.'),
  }),
  drift: object('What others changed and the operator set right.', {
    corrected: count('How often.'),
    last: text('The last one.'),
  }),
  plan: object('What the spec would change; only while the dry-run annotation asks for it.', {
    generation: count('The generation that it is about.'),
    adds: list('Objects that would be made.', { type: 'string' }),
    changes: list('Objects that would change.', { type: 'string' }),
    deletes: list('Objects that would be deleted.', { type: 'string' }),
    restarts: list('Deployments whose pods would be replaced, and why.', {
      type: 'object',
      properties: { deployment: { type: 'string' }, reasons: list('', { type: 'string' }) },
    }),
    connectionBudget,
    problems: list('What keeps the spec from being accepted.', { type: 'string' }),
  }),
});
