import { createHash, randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, type Signer, signatureTypes } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { MultipartClient } from '../../src/multipart/multipart-client.ts';
import { Bundler } from '../../src/nested-bundle.ts';
import { sendRaw } from '../../src/raw-http.ts';
import { limits, type Scene } from './scene.ts';

const MiB = 1024 * 1024;
const FUNDS = 10n ** 15n;
const PART = 5 * MiB;
/** One more than a minute allows an address. */
const TOO_OFTEN = 101;
const IN_TIME = { intervalMs: 100, timeoutMs: 180_000 };

/** Somebody with credits, somebody without, and everybody else. */
export class Traffic {
  readonly #scene: Scene;
  readonly #bundler: Bundler;
  readonly #payer = ed25519Signer(randomBytes(32));
  readonly #pauper = ed25519Signer(randomBytes(32));
  #addresses = 0;

  private constructor(scene: Scene, bundler: Bundler) {
    this.#scene = scene;
    this.#bundler = bundler;
  }

  static async open(scene: Scene): Promise<Traffic> {
    const traffic = new Traffic(scene, await Bundler.open());
    await scene.ledger.credit(signatureTypes[2].nativeAddress(traffic.#payer.owner), FUNDS);
    return traffic;
  }

  /**
   * Everything that a platform may meet on an ordinary day: items small, medium, oversized, in parts and with items inside of
   * them, some free, some paid, some sent twice; and what is refused, for every reason that a sender can give.
   *
   * @returns when all of it is permanent
   */
  async everything(): Promise<void> {
    const twice = await item(this.#payer, 2000);
    const followed = await item(this.#payer, 3000);
    const following = this.#scene.platform.client(1).trackUpload(idOf(followed));
    const accepted = await Promise.all([
      this.#accepted(followed),
      this.#accepted(twice),
      this.#accepted(twice),
      this.#accepted(await item(this.#payer, 2 * MiB)),
      this.#accepted(await item(this.#payer, limits.bundle + MiB)),
      this.#accepted(await this.#carrier()),
      this.#inParts(),
    ]);
    await this.#accepted(twice);
    await this.#refused();
    const client = this.#scene.platform.client();
    await Promise.all(accepted.map((id) => client.waitFor(id, 'permanent', IN_TIME)));
    await following;
  }

  /** An item that costs something. */
  async paid(): Promise<void> {
    await this.#accepted(await item(this.#payer, 2 * MiB));
  }

  /** Small items, some at once. */
  async some(count: number): Promise<void> {
    const items = await Promise.all(
      Array.from({ length: count }, () => item(this.#pauper, 200 + randomBytes(1)[0]! * 40)),
    );
    await Promise.all(items.map((one) => this.#accepted(one)));
  }

  async #refused(): Promise<void> {
    const broken = await item(this.#payer, 1000);
    broken.writeUInt8(broken.at(-1)! ^ 1, broken.length - 1);
    await this.#answers(400, broken);
    await this.#answers(400, Buffer.from('no item'));
    await this.#answers(402, await item(this.#pauper, limits.free + 1));
    const impatient = this.#newAddress();
    // Not judged: on a machine that does much else the limiter may let everybody in, and counts that.
    const asks = Array.from({ length: TOO_OFTEN }, async () => (await this.#ask('/v1/info', {}, impatient)).text());
    await Promise.all(asks);
    await this.#post(await item(this.#pauper, 100), impatient);
    await sendRaw(this.#url(), { bytes: 'no HTTP\r\n\r\n', after: 'wait' });
  }

  async #carrier(): Promise<Buffer> {
    const inner = await Promise.all(['one', 'two', 'three'].map((text) => this.#bundler.item(text + this.#addresses)));
    return (await this.#bundler.carrier(inner)).getRaw();
  }

  async #inParts(): Promise<string> {
    const parts = new MultipartClient(this.#url());
    const bytes = await item(this.#payer, PART + 1000);
    const id = await parts.open(PART);
    await parts.sendAll(id, bytes, PART);
    const answer = await parts.finalizeAndWait(id);
    if (!answer.ok) throw new Error(`an upload in parts: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as Receipt).id;
  }

  async #accepted(bytes: Buffer): Promise<string> {
    return ((await (await this.#answers(200, bytes)).json()) as Receipt).id;
  }

  async #answers(status: number, bytes: Buffer): Promise<Response> {
    const answer = await this.#post(bytes, this.#newAddress());
    if (answer.status === status) return answer;
    throw new Error(`an upload was answered with ${answer.status}, not ${status}: ${await answer.text()}`);
  }

  #post(bytes: Buffer, from: string): Promise<Response> {
    const headers = { 'content-type': 'application/octet-stream' };
    return this.#ask('/v1/tx', { method: 'POST', headers, body: new Uint8Array(bytes) }, from);
  }

  #ask(path: string, init: RequestInit, from: string): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), 'x-forwarded-for': from };
    return fetch(this.#url() + path, { ...init, headers });
  }

  /** Of one API after the other. */
  #url(): string {
    const apis = this.#scene.platform.of('upload');
    return apis[this.#addresses % apis.length]!.url;
  }

  #newAddress(): string {
    this.#addresses += 1;
    return `10.${(this.#addresses >> 16) & 255}.${(this.#addresses >> 8) & 255}.${this.#addresses & 255}`;
  }
}

const item = (signer: Signer, byteCount: number): Promise<Buffer> =>
  createDataItem({ signer, data: randomBytes(byteCount) });

/** Of an item with an Ed25519 signature. */
const idOf = (bytes: Buffer): string => createHash('sha256').update(bytes.subarray(2, 66)).digest('base64url');
