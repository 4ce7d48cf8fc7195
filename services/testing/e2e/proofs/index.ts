import type { Proof } from '../kit/context.ts';
import { adminService } from './admin-service.ts';
import { apiServerFrozen } from './api-server-frozen.ts';
import { badImage } from './bad-image.ts';
import { chartsAccepted } from './charts-accepted.ts';
import { connectionBudget } from './connection-budget.ts';
import { drift } from './drift.ts';
import { helmTest } from './helm-test.ts';
import { install } from './install.ts';
import { leaderKilled } from './leader-killed.ts';
import { liveSettings } from './live-settings.ts';
import { autoscaleJob, loadJob } from './load-jobs.ts';
import { payment } from './payment.ts';
import { poolSize } from './pool-size.ts';
import { queueScaling } from './queue-scaling.ts';
import { sdkUpload } from './sdk-upload.ts';
import { uninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';

/** Every proof in its order: the platform is installed by the first and gone after the last. */
export const proofs = {
  charts: chartsAccepted,
  install,
  sdk: sdkUpload,
  test: helmTest,
  upgrade,
  budget: connectionBudget,
  live: liveSettings,
  admin: adminService,
  payment,
  load: loadJob,
  pool: poolSize,
  'bad-image': badImage,
  drift,
  leader: leaderKilled,
  frozen: apiServerFrozen,
  autoscale: autoscaleJob,
  scaling: queueScaling,
  uninstall,
} as const satisfies Record<string, Proof>;
