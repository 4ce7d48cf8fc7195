import type { Proof } from '../kit/context.ts';
import { operatorRelease, restricted } from '../kit/releases.ts';

/** The API server takes everything that the operator's chart says; the platform's is tried when its CRD is there. */
export const chartsAccepted: Proof = {
  title: 'Chart of the operator passes --dry-run=server',
  async run(context) {
    const { kubectl, operator, helm } = context;
    await kubectl.apply([restricted(kubectl.namespace), restricted(operator.namespace)]);
    await helm.dryRun(operatorRelease(context));
    return 'accepted, in a namespace that enforces restricted';
  },
};
