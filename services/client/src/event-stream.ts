/** One server-sent event, as far as it was told. */
export interface ServerEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly retry?: number;
}

/** More than this without the end of an event is none, characters. */
const MAX_EVENT_CHARS = 1024 * 1024;

/**
 * Reads server-sent events from the body of an answer; an event without fields is a sign of life.
 *
 * @param silenceMs after so long without a byte the connection is taken for lost
 * @throws Error when the connection breaks or falls silent
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, silenceMs: number): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let piece = await readSoon(reader, silenceMs); !piece.done; piece = await readSoon(reader, silenceMs)) {
      const blocks = (text + decoder.decode(piece.value, { stream: true })).replaceAll('\r\n', '\n').split('\n\n');
      text = blocks.pop()!;
      if (text.length > MAX_EVENT_CHARS) throw new Error('an event that does not end');
      for (const block of blocks) yield parseEvent(block);
    }
  } finally {
    // Ends the connection too; one that is lost anyway cannot object.
    await reader.cancel().catch(() => undefined);
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readSoon(reader: Reader, silenceMs: number): ReturnType<Reader['read']> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing was heard for ${silenceMs} ms`)), silenceMs);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** The fields of one event; what is no field of ours is passed over, as the standard wants it. */
export function parseEvent(block: string): ServerEvent {
  const fields: { id?: string; event?: string; data?: string; retry?: number } = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id' || name === 'event') fields[name] = value;
    else if (name === 'data') fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`;
    else if (name === 'retry' && /^[0-9]{1,9}$/.test(value)) fields.retry = Number(value);
  }
  return fields;
}
