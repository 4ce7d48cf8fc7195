/** A metav1.Condition. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * Every condition of a BundlerConfig, in the order in which it is written. Reconciling and Stalled are those that
 * kstatus reads: one of them is True exactly while what runs is not what was asked for.
 */
export const conditionTypes = [
  'Ready',
  'Reconciling',
  'Stalled',
  'ConfigValid',
  'DatabaseBudgetOK',
  'AutoscalingReady',
  'RolledBack',
  'Suspended',
] as const;
export type ConditionType = (typeof conditionTypes)[number];

/** What a condition says, before it is known whether it says anything new. */
export interface Finding {
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

export const yes = (reason: string, message = ''): Finding => ({ status: 'True', reason, message });
export const no = (reason: string, message = ''): Finding => ({ status: 'False', reason, message });
export const unknown = (reason: string, message = ''): Finding => ({ status: 'Unknown', reason, message });

/** The longest message that the schema of a condition takes. */
const MAX_MESSAGE = 32_768;

/**
 * Findings as conditions. The time of the last transition is that of the last change of `status`, whatever reason and
 * message do.
 *
 * @param generations the generation that each finding is about
 * @param now RFC 3339, whole seconds
 */
export function toConditions(
  findings: Readonly<Partial<Record<ConditionType, Finding & { readonly generation: number }>>>,
  previous: readonly Condition[],
  now: string,
): Condition[] {
  return conditionTypes.flatMap((type) => {
    const [finding, was] = [findings[type], previous.find((condition) => condition.type === type)];
    if (!finding) return was ? [was] : [];
    const { status, reason, message, generation } = finding;
    const lastTransitionTime = was?.status === status ? was.lastTransitionTime : now;
    return { type, status, observedGeneration: generation, lastTransitionTime, reason, message: cut(message) };
  });
}

const cut = (message: string): string =>
  message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - 1)}…`;
