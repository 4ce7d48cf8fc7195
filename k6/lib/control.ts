import http from 'k6/http';
import { settings } from './settings.ts';

/** Asks the runner for something that is no request to the platform. @throws Error when it was not done */
export function ask(action: 'kill-worker' | 'payment-hangs' | 'payment-heals'): void {
  if (settings.control === '') throw new Error(`${action}: this suite needs a platform that its runner started`);
  const answer = http.post(`${settings.control}/${action}`, null, {
    tags: { kind: 'control', name: action },
    responseType: 'text',
  });
  if (answer.status !== 200) throw new Error(`${action}: ${answer.status} ${answer.body}`);
}
