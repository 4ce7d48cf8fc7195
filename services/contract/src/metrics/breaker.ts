import { reportedBy } from './define.ts';
import { withLegacyNames } from './legacy.ts';

const { counter, gauge } = reportedBy('upload', 'workers');
const service = 'payment, and the hosts of OPTICAL_BRIDGE_URLS';

/** Circuit breakers around services that may be down. */
export const breakerMetrics = {
  breakerState: gauge('circuit_breaker_state', '0 while closed, 1 while open, 2 while half open.', { service }),
  breakerEvents: withLegacyNames(
    counter(
      'circuit_breaker_events_total',
      'Calls through a circuit breaker by how they ended (success, failure, timeout, reject), and its changes (open, half_open, close).',
      { service, event: ['success', 'failure', 'timeout', 'reject', 'open', 'half_open', 'close'] },
    ),
    { name: 'circuit_breaker_open_count', only: { event: 'open' }, labels: { breaker: { from: 'service' } } },
  ),
};
