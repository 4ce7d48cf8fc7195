import { get, type IncomingMessage } from 'node:http';

/** One server-sent event, or a comment or retry hint with nothing else. */
export interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
  readonly retry?: number;
  readonly comment?: boolean;
}

/** A stream of server-sent events on a connection of its own, and everything that has come by it. */
export class EventStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly events: StreamEvent[] = [];
  /** Resolves when the stream ends, however it does. */
  readonly ended: Promise<void>;
  readonly #response: IncomingMessage;

  static open(url: string, lastEventId?: string): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
      get(url, { agent: false, headers }, (response) => resolve(new EventStream(response))).on('error', reject);
    });
  }

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode!;
    this.headers = response.headers;
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      const blocks = (text + piece).split('\n\n');
      text = blocks.pop()!;
      this.events.push(...blocks.map(parseBlock));
    });
    // A server that is killed is an end like any other.
    response.on('error', () => undefined);
    this.ended = new Promise((resolve) => response.once('close', resolve));
  }

  /** The data of the events of one name, in their order. */
  data<Data>(event: string): Data[] {
    return this.events.filter((one) => one.event === event).map((one) => one.data as Data);
  }

  get lastId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  close(): void {
    this.#response.destroy();
  }
}

function parseBlock(block: string): StreamEvent {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*: ?/, '')]),
  );
  return {
    ...(fields.id === undefined ? {} : { id: fields.id }),
    ...(fields.event === undefined ? {} : { event: fields.event }),
    ...(fields.data === undefined ? {} : { data: JSON.parse(fields.data) }),
    ...(fields.retry === undefined ? {} : { retry: Number(fields.retry) }),
    ...(block.startsWith(':') ? { comment: true } : {}),
  };
}
