/** The servers of a control plane. */
export const programNames = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;
export type ProgramName = (typeof programNames)[number];

/** Where each server's file is; the controller manager only when it was asked for. */
export type Programs = Readonly<Record<Exclude<ProgramName, 'kube-controller-manager'>, string>> & {
  readonly 'kube-controller-manager'?: string;
};
