/**
 * The script of the example page: signs a file with a key that stays in the browser, uploads it with a progress bar and
 * follows it until it is permanent.
 */
import {
  type ArweaveJwk,
  BundlerClient,
  type ItemSigner,
  type Progress,
  webArweaveSigner,
  webEd25519Signer,
} from '../src/index.ts';

const STAGES: readonly Progress['stage'][] = ['accepted', 'planned', 'posted', 'seeded', 'permanent'];

const find = (id: string): HTMLElement => document.getElementById(id)!;
const form = find('form') as HTMLFormElement;
const button = find('upload') as HTMLButtonElement;
const bar = find('bar') as HTMLProgressElement;
const link = find('link') as HTMLAnchorElement;
const chosen = (id: string): File | undefined => (find(id) as HTMLInputElement).files?.[0];

const config = (await (await fetch('/config.json')).json()) as { uploadUrl: string; gatewayUrl: string };
const client = new BundlerClient(config);

async function openSigner(): Promise<ItemSigner> {
  switch (new FormData(form).get('key')) {
    case 'wallet': {
      const file = chosen('wallet');
      if (!file) throw new Error('Choose the wallet file too.');
      return webArweaveSigner(JSON.parse(await file.text()) as ArweaveJwk);
    }
    case 'arweave': {
      const algorithm = {
        name: 'RSA-PSS',
        hash: 'SHA-256',
        modulusLength: 4096,
        publicExponent: new Uint8Array([1, 0, 1]),
      };
      const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      return webArweaveSigner((await crypto.subtle.exportKey('jwk', pair.privateKey)) as ArweaveJwk);
    }
    default:
      // A key that cannot be exported: nothing on this page can give it away.
      return webEd25519Signer((await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair);
  }
}

function show({ stage, reason }: Progress): void {
  const reached = STAGES.indexOf(stage);
  for (const [index, item] of [...find('stages').children].entries())
    item.toggleAttribute('data-done', index <= reached);
  if (stage === 'failed') find('failure').textContent = `The item failed: ${reason ?? 'no reason given'}`;
}

function showSent(sent: number, total: number): void {
  bar.value = sent / total;
  find('bytes').textContent = `${sent.toLocaleString('en')} of ${total.toLocaleString('en')} bytes sent`;
}

async function upload(file: File): Promise<void> {
  const signer = await openSigner();
  const tags = [{ name: 'Content-Type', value: file.type || 'application/octet-stream' }];
  const item = await signer(new Uint8Array(await file.arrayBuffer()), tags);
  find('id').textContent = item.id;
  find('progress').hidden = false;
  // Followed from before its first byte, so that nothing is missed.
  const tracking = client.trackUpload(item.id, { onProgress: show });
  const sending = client.uploadSigned(item.bytes, { onSent: (sent) => showSent(sent, item.bytes.byteLength) });
  // Whichever fails first says why.
  await Promise.all([sending, tracking]);
  link.textContent = link.href = `${config.gatewayUrl}/${item.id}`;
  find('done').hidden = false;
}

for (const stage of STAGES) find('stages').append(Object.assign(document.createElement('li'), { textContent: stage }));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const failure = find('failure');
  const file = chosen('file');
  if (!file) return;
  button.disabled = true;
  failure.textContent = '';
  upload(file)
    .catch((error: unknown) => {
      failure.textContent = (error as Error).message;
    })
    .finally(() => {
      button.disabled = false;
    });
});
