import { check } from 'k6';
import http from 'k6/http';
import { itemAt } from '../lib/corpus.ts';
import { guarded } from '../lib/guard.ts';
import { settings } from '../lib/settings.ts';
import { nextItem } from '../lib/suite.ts';
import { send } from '../lib/upload.ts';

/** What clients ask beside uploading, and that a receipt is known at once. */
export const askRoutes = guarded(async () => {
  const { status, body } = ask('/health');
  check({ status, body }, { 'GET /health says OK': ({ status, body }) => status === 200 && body === 'OK' });
  check(ask('/v1/info'), { 'GET /v1/info names a version': ({ body }) => /"version":/.test(body) });
  check(ask('/bundler_metrics'), {
    'GET /bundler_metrics has metrics': ({ body }) => body.includes('upload_latency_seconds'),
  });
  check(ask('/price/arweave/1024'), {
    'who asks for a price as old clients do gets one': ({ status }) => status === 200,
  });
  const item = await itemAt(nextItem());
  send(item);
  check(ask(`/v1/tx/${item.id}/status`, 'GET /v1/tx/:id/status'), {
    'a receipt is known at once': ({ status }) => status === 200,
  });
  check(ask('/v1/tx/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/status', 'GET /v1/tx/:id/status', 404), {
    'an id that nobody sent is not found': ({ status }) => status === 404,
  });
});

function ask(path: string, name = `GET ${path}`, expected = 200) {
  const responseCallback = http.expectedStatuses(expected);
  return http.get(settings.target + path, { tags: { kind: 'route', name }, responseType: 'text', responseCallback });
}
