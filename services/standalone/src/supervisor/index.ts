export { type Clock, systemClock } from './clock.ts';
export { createLauncher } from './launch.ts';
export { LogFile } from './log-file.ts';
export { type DeploymentStatus, type ProcessStatus, Supervisor } from './supervisor.ts';
export { type Desired, toDesired } from './template.ts';
