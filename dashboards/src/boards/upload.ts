import { metrics, objectives } from '@bundler/contract';
import { external } from '../external-metrics.ts';
import {
  buckets,
  counter,
  gauge,
  increase,
  max,
  observed,
  quantile,
  rate,
  share,
  sum,
  summed,
} from '../promql/index.ts';
import { rounded } from '../slo/slos.ts';
import { type Board, fitted, heatmap, line, logsRow, pods, scope, states, timeseries, traced } from './define.ts';

const { uploadLatency, http } = objectives;
const latency = buckets(metrics.uploadLatency, scope);
const size = ['size_category'] as const;

export const upload: Board = {
  name: 'upload',
  title: 'Bundler / Upload API',
  description: 'Uploads by HTTP: how many, how fast, where the time goes, and what is refused.',
  rows: [
    {
      title: 'Requests',
      panels: [
        timeseries({
          title: 'Requests by route',
          description: "Requests a second, by route and status. Good is 2xx; 4xx are the clients' to mend.",
          unit: 'reqps',
          queries: [
            line(
              sum(['route', 'status_code'], rate(observed(metrics.httpRequests, scope), fitted)),
              '{{route}} {{status_code}}',
            ),
          ],
        }),
        timeseries({
          title: 'Failed uploads',
          description:
            'Share of the uploads that could have been taken and were not. Good is below 0.1%, the budget of upload-availability.',
          unit: 'percentunit',
          limits: [{ value: rounded(1 - objectives.slos.uploadAvailability), colour: 'red' }],
          queries: [
            line(
              share(
                sum(
                  [],
                  rate(
                    counter(metrics.uploadRequests, {
                      ...scope,
                      outcome: { operator: '=~', value: 'server_error|shed' },
                    }),
                    fitted,
                  ),
                ),
                sum(
                  [],
                  rate(
                    counter(metrics.uploadRequests, {
                      ...scope,
                      outcome: { operator: '!~', value: 'client_error|payment_required|rate_limited|aborted' },
                    }),
                    fitted,
                  ),
                ),
              ),
              'failed',
            ),
          ],
          needs: 'uploads within the window',
        }),
        timeseries({
          title: 'Errors by code',
          description:
            'Uploads refused or failed a second, by the error code of the answer; docs/reference/errors.md says what each means.',
          unit: 'ops',
          queries: [line(sum(['code'], rate(counter(metrics.uploadErrors, scope), fitted)), '{{code}}')],
        }),
      ],
    },
    {
      title: 'Latency',
      panels: [
        timeseries({
          title: 'Latency at the 99th percentile',
          description:
            'From the request to the receipt, by size. Lines: the objectives of small (1 s), medium (10 s) and large (300 s). More APIs and UPLOAD_MAX_SIGNING_WAIT_MS move it.',
          unit: 's',
          limits: [
            { value: uploadLatency.small.p99Seconds, colour: 'orange' },
            { value: uploadLatency.medium.p99Seconds, colour: 'orange' },
            { value: uploadLatency.large.p99Seconds, colour: 'red' },
          ],
          queries: [traced(quantile(0.99, size, latency, fitted), '{{size_category}}')],
        }),
        timeseries({
          title: 'Latency, median and 95th percentile',
          description: 'From the request to the receipt, by size. Good is far below the 99th: a narrow spread.',
          unit: 's',
          queries: [
            traced(quantile(0.5, size, latency, fitted), '{{size_category}} p50'),
            traced(quantile(0.95, size, latency, fitted), '{{size_category}} p95'),
          ],
        }),
        heatmap({
          title: 'Latency of all uploads',
          description:
            'How many uploads took how long; points lead to traces where tracing is on. Good is one dark band at the bottom.',
          unit: 's',
          queries: [traced(sum(['le'], increase(latency, fitted)), '{{le}}')],
        }),
        timeseries({
          title: 'Time by stage',
          description:
            'Mean time of each stage of an upload: receive is the network of the client, store the object store and PostgreSQL, sign the CPU.',
          unit: 's',
          queries: [
            line(
              share(
                sum(['stage'], rate(summed(metrics.uploadStages, scope), fitted)),
                sum(['stage'], rate(observed(metrics.uploadStages, scope), fitted)),
              ),
              '{{stage}}',
            ),
          ],
        }),
        timeseries({
          title: 'Commit groups',
          description:
            'Time to make a group of small items durable (99th percentile), and items in a group (median). UPLOAD_GROUP_INTERVAL_MS and UPLOAD_GROUP_MAX_ITEMS move them.',
          unit: 'short',
          queries: [
            line(quantile(0.99, [], buckets(metrics.groupDuration, scope), fitted), 'seconds, p99'),
            line(quantile(0.5, [], buckets(metrics.groupItems, scope), fitted), 'items, p50'),
          ],
        }),
        timeseries({
          title: 'Under way',
          description:
            'Uploads whose answer is not there yet, by the size that they announced, and items that are being uploaded. Good does not grow without end.',
          unit: 'short',
          queries: [
            line(sum(size, gauge(metrics.uploadInFlight, scope)), '{{size_category}}'),
            line(sum([], gauge(metrics.inFlightItems, scope)), 'items'),
          ],
        }),
      ],
    },
    {
      title: 'Bytes',
      panels: [
        timeseries({
          title: 'Bytes by size',
          description: 'Bytes of accepted items a second.',
          unit: 'Bps',
          stacked: true,
          queries: [line(sum(size, rate(counter(metrics.uploadBytes, scope), fitted)), '{{size_category}}')],
        }),
        timeseries({
          title: 'Uploads in parts',
          description:
            'Multipart uploads a second by what became of them, and parts by outcome. MULTIPART_CONCURRENT_PARTS limits what one process takes.',
          unit: 'ops',
          queries: [
            line(sum(['outcome'], rate(counter(metrics.multipartUploads, scope), fitted)), 'upload {{outcome}}'),
            line(sum(['outcome'], rate(counter(metrics.multipartParts, scope), fitted)), 'part {{outcome}}'),
          ],
        }),
        timeseries({
          title: 'Bytes in parts',
          description: 'Bytes of stored parts a second.',
          unit: 'Bps',
          queries: [line(sum([], rate(counter(metrics.multipartPartBytes, scope), fitted)), 'parts')],
        }),
      ],
    },
    {
      title: 'Limits',
      panels: [
        timeseries({
          title: 'Rate limit decisions',
          description:
            'Requests a second by what was decided and by what they were counted. Good is allow; error means that Redis does not answer and nobody is limited.',
          unit: 'reqps',
          queries: [
            line(
              sum(['tier', 'decision'], rate(counter(metrics.rateLimitDecisions, scope), fitted)),
              '{{tier}} {{decision}}',
            ),
          ],
        }),
        timeseries({
          title: 'Shed requests',
          description:
            'Requests a second refused with 503 because there is too much to do, by reason. Good is 0; UPLOAD_MAX_SIGNING_WAIT_MS and more APIs move it.',
          unit: 'reqps',
          queries: [line(sum(['reason'], rate(counter(metrics.loadShed, scope), fitted)), '{{reason}}')],
        }),
        timeseries({
          title: 'Closed connections',
          description:
            'Connections closed a second: idle, keep_alive (between two requests: no harm), slow_body, too_long, and what was no HTTP. UPLOAD_REQUEST_TIMEOUT_MS and UPLOAD_MIN_RATE move them.',
          unit: 'ops',
          queries: [
            line(sum(['kind'], rate(counter(metrics.serverTimeouts, scope), fitted)), '{{kind}}'),
            line(sum(['code'], rate(counter(metrics.httpClientErrors, scope), fitted)), 'no HTTP: {{code}}'),
          ],
        }),
        timeseries({
          title: 'Blocked signers',
          description:
            'Addresses in the list of blocked signers by process, and files of it that could not be used in 5 minutes. Good is one number everywhere and 0; BLOCKED_ADDRESSES and the file move it.',
          unit: 'short',
          queries: [
            line(max(['component', 'pod'], gauge(metrics.blocklistEntries, scope)), '{{pod}}'),
            line(sum([], increase(counter(metrics.blocklistErrors, scope), '5m')), 'unusable files'),
          ],
        }),
        timeseries({
          title: 'Duplicates',
          description:
            'Items that were being uploaded already, and how those waited that found theirs in another process. Unmarked are large items while Redis is away.',
          unit: 'ops',
          queries: [
            line(sum([], rate(counter(metrics.inFlightDuplicates, scope), fitted)), 'duplicates'),
            line(sum(['outcome'], rate(counter(metrics.inFlightWaits, scope), fitted)), 'waits, {{outcome}}'),
            line(sum([], rate(counter(metrics.inFlightUnmarked, scope), fitted)), 'unmarked'),
          ],
        }),
        timeseries({
          title: 'Progress streams',
          description:
            'Open streams, streams refused and questions asked for them a second. PROGRESS_MAX_STREAMS limits one process.',
          unit: 'short',
          queries: [
            line(sum([], gauge(metrics.progressStreams, scope)), 'open'),
            line(sum([], rate(counter(metrics.progressRefused, scope), fitted)), 'refused a second'),
            line(
              sum(['source', 'result'], rate(counter(metrics.progressLooks, scope), fitted)),
              'asked {{source}} {{result}}',
            ),
          ],
        }),
        timeseries({
          title: 'Receipts that can be signed',
          description: 'A second, by all APIs together: the ceiling of uploads. More CPU and more APIs raise it.',
          unit: 'ops',
          queries: [line(sum([], gauge(metrics.receiptSigningRate, scope)), 'signatures')],
        }),
      ],
    },
    {
      title: 'Circuit breakers',
      panels: [
        states({
          title: 'Circuit breakers',
          description:
            'Closed is good. Open refuses calls; half open tries one. PAYMENT_SERVICE_TIMEOUT, _ERROR_THRESHOLD and _RESET_TIMEOUT move it.',
          unit: 'none',
          states: { 0: ['closed', 'green'], 1: ['open', 'red'], 2: ['half open', 'orange'] },
          queries: [line(max(['service', 'pod'], gauge(metrics.breakerState, scope)), '{{service}} {{pod}}')],
          needs: 'a payment service or an optical bridge',
        }),
        timeseries({
          title: 'Circuit breaker events',
          description: 'Calls by how they ended, and changes of the circuit, a second. Good is success alone.',
          unit: 'ops',
          width: 12,
          queries: [
            line(
              sum(['service', 'event'], rate(counter(metrics.breakerEvents, scope), fitted)),
              '{{service}} {{event}}',
            ),
          ],
          needs: 'a payment service or an optical bridge',
        }),
      ],
    },
    {
      title: 'Node.js',
      panels: [
        timeseries({
          title: 'Event loop',
          description:
            'How late timers are, 99th percentile by process. Good is below 100 ms; the line is where it becomes an alert.',
          unit: 's',
          limits: [{ value: http.eventLoopP99Seconds, colour: 'red' }],
          queries: [line(max(['pod'], gauge(external.eventLoopP99, pods)), '{{pod}}')],
        }),
        timeseries({
          title: 'CPU',
          description: 'CPU seconds a second by process. Near 1 the process is at its end: add processes.',
          unit: 'short',
          queries: [line(sum(['pod'], rate(counter(external.processCpu, pods), fitted)), '{{pod}}')],
        }),
        timeseries({
          title: 'Heap',
          description: 'What V8 holds, by process. Good is a saw without slope.',
          unit: 'bytes',
          queries: [line(max(['pod'], gauge(external.heapUsed, pods)), '{{pod}}')],
        }),
        timeseries({
          title: 'Garbage collection',
          description: 'Seconds a second that processes stand still for it, by kind. Good is below 5%.',
          unit: 'percentunit',
          queries: [line(sum(['kind'], rate(summed(external.garbageCollection, pods), fitted)), '{{kind}}')],
        }),
        timeseries({
          title: 'Open files and sockets',
          description: 'By process. Good is flat when the load is.',
          unit: 'short',
          queries: [line(max(['pod'], gauge(external.processFiles, pods)), '{{pod}}')],
        }),
      ],
    },
    logsRow('the upload API'),
  ],
};
