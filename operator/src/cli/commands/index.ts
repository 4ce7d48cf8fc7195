import type { Command } from '../command.ts';
import { budget } from './budget.ts';
import { capacity } from './capacity.ts';
import { doctor } from './doctor.ts';
import { keygen } from './keygen.ts';
import { pause, resume } from './pause.ts';
import { plan } from './plan.ts';
import { queue } from './queue.ts';
import { restart } from './restart.ts';
import { rollback } from './rollback.ts';
import { runbook } from './runbook.ts';
import { status } from './status.ts';
import { supportBundle } from './support-bundle.ts';
import { trace } from './trace.ts';

/** Every command, in the order in which the help lists them. */
export const commands: Readonly<Record<string, Command>> = {
  status,
  plan,
  budget,
  capacity,
  pause,
  resume,
  restart,
  rollback,
  queue,
  trace,
  'support-bundle': supportBundle,
  doctor,
  runbook,
  keygen,
};
