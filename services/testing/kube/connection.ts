import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

/** How a client reaches an API server. */
export interface KubeConnection {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** Bearer token; of an administrator unless somebody put another here. Empty for none. */
  readonly token: string;
  /** Certificates to trust, PEM. */
  readonly ca: string;
}

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root, with its query. */
  readonly path: string;
  /** Sent as JSON, which is YAML as well. */
  readonly body?: unknown;
  /** Of the body; `application/apply-patch+yaml` for a server-side apply. */
  readonly contentType?: string;
}

export interface KubeAnswer<Body> {
  readonly status: number;
  /** The caller says what it is; nothing checks that. */
  readonly body: Body;
  /** What kubectl would print after "Warning:". */
  readonly warnings: readonly string[];
}

/** One request of a test, without retries or typed errors. */
export async function ask<Body = { readonly message?: string }>(
  connection: KubeConnection,
  wanted: KubeRequest,
): Promise<KubeAnswer<Body>> {
  const agent = new Agent({ ca: connection.ca });
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpsRequest(new URL(wanted.path, connection.url), {
        agent,
        method: wanted.method,
        headers: {
          ...(connection.token === '' ? {} : { authorization: `Bearer ${connection.token}` }),
          accept: 'application/json',
          ...(wanted.body === undefined ? {} : { 'content-type': wanted.contentType ?? 'application/json' }),
        },
      });
      request.once('response', resolve).once('error', reject);
      request.end(wanted.body === undefined ? undefined : JSON.stringify(wanted.body));
    });
    const words = await text(answer);
    const isJson = answer.headers['content-type']?.startsWith('application/json');
    const warnings = (answer.headersDistinct.warning ?? []).map(warningText);
    return { status: answer.statusCode ?? 0, body: (isJson ? JSON.parse(words) : words) as Body, warnings };
  } finally {
    agent.destroy();
  }
}

/** `299 - "the text"` (RFC 7234, 5.5), where quotes and backslashes are escaped. */
function warningText(header: string): string {
  const quoted = /^\d{3} \S+ "(.*)"$/s.exec(header)?.[1];
  return quoted === undefined ? header : quoted.replaceAll(/\\(.)/g, '$1');
}

/** A kubeconfig with this one connection, as JSON, which is YAML as well. */
export function kubeconfig({ url, token, ca }: KubeConnection): string {
  const certificates = Buffer.from(ca).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': certificates } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}
