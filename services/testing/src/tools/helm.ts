import type { GoProgram } from './go-program.ts';

/** What users install the charts with. */
export const HELM: GoProgram = { name: 'helm', module: 'helm.sh/helm/v3/cmd/helm', version: 'v3.20.2' };
