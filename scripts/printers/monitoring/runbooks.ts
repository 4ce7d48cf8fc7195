import { alerts } from '@bundler/dashboards';
import type { Printer } from '../printer.ts';
import { runbookPage } from './runbook-page.ts';

/** The page of each alert: for people who read, and beside the plugin that prints it with names filled in. */
export const runbooks: readonly Printer[] = ['docs/runbooks', 'operator/runbooks'].flatMap((folder) =>
  alerts.map((alert) => ({ path: `${folder}/${alert.name}.md`, print: () => runbookPage(alert) })),
);
