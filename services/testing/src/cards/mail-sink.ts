import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A mail server that takes everything and delivers nothing: what was sent to it is there to be read. */
export class MailSink {
  /** Each as it came: headers, an empty line, text. */
  readonly mails: string[] = [];
  away = false;
  readonly #server = createServer((socket) => this.#serve(socket));

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    let [unread, mail] = ['', undefined as string | undefined];
    const say = (line: string): boolean => socket.write(`${line}\r\n`);
    say(this.away ? '421 not now' : '220 sink');
    socket.on('data', (piece: string) => {
      unread += piece;
      for (let end = unread.indexOf('\r\n'); end >= 0; end = unread.indexOf('\r\n')) {
        const line = unread.slice(0, end);
        unread = unread.slice(end + 2);
        if (mail === undefined) {
          if (/^DATA/i.test(line)) [mail] = [''];
          say(answerTo(line));
          if (/^QUIT/i.test(line)) socket.end();
        } else if (line === '.') {
          this.mails.push(mail);
          mail = undefined;
          say('250 taken');
        } else mail += `${line.replace(/^\.\./, '.')}\n`;
      }
    });
  }
}

function answerTo(line: string): string {
  if (/^DATA/i.test(line)) return '354 go on';
  return /^QUIT/i.test(line) ? '221 bye' : '250 ok';
}
