/** Who the operator is to the API server when it applies. It never changes, or it would fight with its past self. */
export const FIELD_MANAGER = 'bundler-operator';
/** Holds the replica count of a Deployment for the moment between the spec and an autoscaler. */
export const HANDOFF_MANAGER = 'bundler-operator-handoff';
