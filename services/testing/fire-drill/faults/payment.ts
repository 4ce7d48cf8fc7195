import type { Stage } from '../stage.ts';
import { freeze, repeat } from './acts.ts';
import type { Fault, Undo } from './fault.ts';

/** Long enough for calls to time out and open the breaker, and then for a try to close it. */
const HANGS_MS = 15_000;
const TURN_MS = 30_000;

export const paymentFaults: readonly Fault[] = [
  {
    name: 'payment-hangs',
    what: 'the payment service is frozen (SIGSTOP) while clients pay for uploads',
    platform: { payment: true, env: { FREE_UPLOAD_LIMIT: '100' } },
    traffic: { uploadEveryMs: 1000 },
    cause: (stage) => freeze(stage.process('payment').pid),
    alerts: ['BundlerPaymentCircuitOpen', 'BundlerUploadErrorBudgetBurn', 'BundlerLoadShedding', 'BundlerTargetDown'],
    minutes: 9,
  },
  {
    name: 'payment-flickers',
    what: `the payment service is frozen (SIGSTOP) for ${HANGS_MS / 1000} s in ${TURN_MS / 1000} s while clients pay for uploads`,
    platform: { payment: true, env: { FREE_UPLOAD_LIMIT: '100', PAYMENT_SERVICE_RESET_TIMEOUT: '5000' } },
    traffic: { uploadEveryMs: 1000 },
    cause: flicker,
    alerts: ['BundlerCircuitFlapping'],
    // Each scrape may find the breaker open, or trying.
    companions: ['BundlerPaymentCircuitOpen', 'BundlerUploadErrorBudgetBurn'],
    minutes: 9,
    // The alert looks back for 15 minutes.
    recoveryMinutes: 24,
  },
];

async function flicker(stage: Stage): Promise<Undo> {
  const { pid } = stage.process('payment');
  const stop = repeat(TURN_MS, () => {
    process.kill(pid, 'SIGSTOP');
    setTimeout(() => process.kill(pid, 'SIGCONT'), HANGS_MS);
  });
  return async () => {
    await stop();
    process.kill(pid, 'SIGCONT');
  };
}
