export { isReady, type State } from './state.ts';
export { isRunning, readState } from './state-file.ts';
