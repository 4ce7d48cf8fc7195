import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { closeNow, listenLocally } from '../../src/local-http.ts';

/** One alert of one notification, as it arrived. */
export interface Delivery {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What Alertmanager calls whom it told: `bundler-page`. */
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  /** The same for the same alert with the same labels. */
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Webhook {
  readonly url: string;
  /** All that has arrived, oldest first. */
  readonly deliveries: readonly Delivery[];
  close(): Promise<void>;
}

interface Notification {
  readonly receiver: string;
  readonly alerts: readonly Omit<Delivery, 'at' | 'receiver'>[];
}

/** Starts what a pager or a ticket system is to Alertmanager: it takes every notification and keeps it. */
export async function startWebhook(now: () => number): Promise<Webhook> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        const at = now();
        const { alerts, receiver } = JSON.parse(body) as Notification;
        deliveries.push(...alerts.map((alert) => ({ ...alert, at, receiver })));
        response.end();
      },
      () => response.destroy(),
    );
  });
  const url = await listenLocally(server);
  return { url, deliveries, close: () => closeNow(server) };
}
