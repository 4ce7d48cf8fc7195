import { PLATFORM, type Proof } from '../kit/context.ts';
import { reach } from '../kit/reach.ts';
import { newItem } from '../kit/traffic.ts';

const SETTLED_SECONDS = 240;
/** More than what is free. */
const PAYLOAD_BYTES = 600 * 1024;

/** The payment service is turned on by an edit, tells prices, and uploads that nobody has paid for are refused for want of credits. */
export const payment: Proof = {
  title: 'Payments turned on by an edit',
  async run({ kubectl, platform }) {
    const since = performance.now();
    const generation = await platform.edit({ payment: { enabled: true } });
    await platform.settled(generation, SETTLED_SECONDS);
    const took = Math.round((performance.now() - since) / 1000);
    const pods = await platform.pods('payment');
    const service = await reach(kubectl, `${PLATFORM}-payment`);
    try {
      const price = await ask(`http://${service.host}:${service.port}/v1/price/bytes/1048576`);
      const winc = BigInt((price.body as { winc: string }).winc);
      if (winc <= 0n) throw new Error(`a MiB costs ${winc} winc`);
      const upload = await fetch(`${await platform.url()}/v1/tx`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: new Uint8Array(await newItem(PAYLOAD_BYTES)),
      });
      if (upload.status !== 402) throw new Error(`an upload without credits was answered with ${upload.status}`);
      return `${pods.length} pods after ${took} s; a MiB costs ${winc} winc; an upload without credits gets 402`;
    } finally {
      service.close();
      const off = await platform.edit({ payment: { enabled: false } });
      await platform.settled(off, SETTLED_SECONDS);
    }
  },
};

async function ask(url: string): Promise<{ body: unknown }> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`GET ${url} answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return { body: await answer.json() };
}
