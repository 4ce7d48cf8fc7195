export { type Following, LiveSettings, type SettingsReport } from './live-settings.ts';
export { readLiveFile } from './read-file.ts';
export { RepeatedLook } from './repeated-look.ts';
