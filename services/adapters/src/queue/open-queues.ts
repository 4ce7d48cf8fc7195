import { setTimeout as wait } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** How long the first users of a connection wait for it, milliseconds. Later ones do not wait at all. */
const FIRST_CONTACT_MS = 100;

/** BullMQ's queues over one connection whose Redis may be away. */
export class OpenQueues {
  readonly #connection: Redis;
  readonly #firstContact: Promise<unknown>;
  readonly #queues = new Map<string, Queue>();

  constructor(connection: Redis) {
    this.#connection = connection;
    const connected = new Promise((resolve) => connection.once('ready', resolve));
    this.#firstContact = Promise.race([connected, wait(FIRST_CONTACT_MS, undefined, { ref: false })]);
  }

  /**
   * The queue of a name. It is made when it is first used and Redis is there: BullMQ asks the server who it is once in a queue's
   * life, waits without limit for a server that was never there, and keeps a failure for good.
   *
   * @throws Error while Redis is away
   */
  async open(name: string): Promise<Queue> {
    await this.#firstContact;
    if (this.#connection.status !== 'ready') throw new Error('Redis is not connected');
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new Queue(name, { connection: this.#connection, skipVersionCheck: true });
      queue.on('error', () => undefined);
      this.#queues.set(name, queue);
    }
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      if (this.#queues.get(name) === queue) this.#queues.delete(name);
      await queue.close().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const queue of this.#queues.values()) await queue.close();
    this.#connection.disconnect();
  }
}
