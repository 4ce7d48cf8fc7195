/** A client of uploads in parts that does exactly what a test says, in the order in which it says it. */
export class MultipartClient {
  readonly #base: string;

  constructor(url: string, token = 'arweave') {
    this.#base = `${url}/v1/chunks/${token}`;
  }

  create(chunkSize?: number | string): Promise<Response> {
    return fetch(`${this.#base}/-1/-1${chunkSize === undefined ? '' : `?chunkSize=${chunkSize}`}`);
  }

  /** The id of a new upload. */
  async open(chunkSize: number): Promise<string> {
    const answer = await this.create(chunkSize);
    if (!answer.ok) throw new Error(`create: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { id: string }).id;
  }

  send(uploadId: string, offset: number, bytes: Uint8Array): Promise<Response> {
    return this.#post(`${uploadId}/${offset}`, bytes);
  }

  /** Sends all parts of an item, the last one first. */
  async sendAll(uploadId: string, bytes: Buffer, chunkSize: number): Promise<void> {
    const offsets = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) => index * chunkSize);
    for (const offset of offsets.reverse()) {
      const answer = await this.send(uploadId, offset, bytes.subarray(offset, offset + chunkSize));
      if (answer.status !== 200) throw new Error(`part at ${offset}: ${answer.status} ${await answer.text()}`);
      await answer.body?.cancel();
    }
  }

  parts(uploadId: string): Promise<Response> {
    return fetch(`${this.#base}/${uploadId}/-1`);
  }

  finalize(uploadId: string): Promise<Response> {
    return this.#post(`${uploadId}/finalize`, new Uint8Array());
  }

  finalizeAndWait(uploadId: string): Promise<Response> {
    return this.#post(`${uploadId}/-1`, new Uint8Array());
  }

  status(uploadId: string): Promise<Response> {
    return fetch(`${this.#base}/${uploadId}/status`);
  }

  abort(uploadId: string): Promise<Response> {
    return fetch(`${this.#base}/${uploadId}`, { method: 'DELETE' });
  }

  #post(path: string, body: Uint8Array): Promise<Response> {
    return fetch(`${this.#base}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'x-chunking-version': '2' },
      body: new Uint8Array(body),
    });
  }
}
