import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import {
  describeUnless,
  findS3,
  type OtlpReceiver,
  Platform,
  type S3Server,
  s3Env,
  startOtlpReceiver,
  until,
} from '../src/index.ts';

const s3 = await findS3(process.env, console.error);

describeUnless(s3.missing, 'traces of a platform that keeps its objects in S3', () => {
  let server: S3Server;
  let collector: OtlpReceiver;
  let platform: Platform;
  beforeAll(async () => {
    [server, collector] = await Promise.all([s3.open(), startOtlpReceiver()]);
    platform = await Platform.start({
      env: {
        ...s3Env(server.options),
        // A worker reads what it finds in no cache from S3.
        MAX_CACHE_DATA_ITEM_SIZE: '1024',
        TRACING_ENABLED: 'true',
        TRACING_ENDPOINT: collector.url,
        TRACING_SAMPLE_PERCENT: '100',
      },
    });
  }, 60_000);
  afterAll(async () => {
    await platform?.stop();
    await collector?.close();
    await server?.close();
  });

  it('show what is written there and what is read back', async () => {
    const signer = ed25519Signer(randomBytes(32));
    const answer = await fetch(`${platform.of('upload')[0]!.url}/v1/tx`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(await createDataItem({ signer, data: randomBytes(20_000) })),
    });
    const traceId = answer.headers.get('x-request-id');
    const has = (name: string, parent: string): boolean =>
      collector.spans.some((span) => {
        const above = collector.spans.find(({ spanId }) => spanId === span.parentId);
        return span.name === name && above?.name === parent;
      });
    await until(() => has('S3.PutObject', 'store segment') && has('S3.GetObject', 'prepare bundle'), 60_000);
    const put = collector.spans.find(({ name }) => name === 'S3.PutObject')!;
    expect(put).toMatchObject({ traceId, attributes: { 'rpc.method': 'PutObject' } });
    const sent = Buffer.concat(collector.bodies).toString('latin1');
    expect(sent).not.toContain(server.options.secretAccessKey);
  }, 90_000);
});
