import { PLATFORM, type Proof } from '../kit/context.ts';

const SECONDS = 300;

export const helmTest: Proof = {
  title: 'helm test',
  async run({ helm, kubectl }) {
    const output = await helm.test(PLATFORM, kubectl.namespace, SECONDS);
    const lines = output.split('\n').filter((line) => /^(accepted|CONFIRMED|FINALIZED)/.test(line));
    // Helm leaves the pod of a test to whoever wants to read its log, also when the release is uninstalled.
    await kubectl.run(['delete', 'pod', `${PLATFORM}-test-upload`]);
    if (!lines.some((line) => line.startsWith('FINALIZED'))) throw new Error(`it said: ${output}`);
    return lines.join('; ');
  },
};
