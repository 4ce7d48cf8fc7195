export { type Following, LiveSettings, type SettingsReport } from './live-settings.ts';
