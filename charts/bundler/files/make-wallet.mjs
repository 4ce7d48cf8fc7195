// Makes an Arweave wallet and puts it into the Secret $SECRET of this namespace, unless it holds one already.
// `mint` is what the development gateway is told at its start: address:winston.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const read = (name) => readFileSync(`${account}/${name}`, 'utf8').trim();
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, SECRET, WINSTON } = process.env;
const address = host.includes(':') ? `[${host}]` : host;
const url = `https://${address}:${port}/api/v1/namespaces/${read('namespace')}/secrets/${SECRET}`;

async function request(method, body) {
  const headers = { authorization: `Bearer ${read('token')}`, 'content-type': 'application/merge-patch+json' };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const secret = await request('GET');
if (secret.data?.['wallet.json']) {
  console.log(`${SECRET} holds a wallet already`);
} else {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096, publicExponent: 0x10001 });
  const jwk = privateKey.export({ format: 'jwk' });
  const owner = createHash('sha256').update(Buffer.from(jwk.n, 'base64url')).digest('base64url');
  // The version makes a second writer fail: a wallet that is in use is never replaced.
  const { resourceVersion } = secret.metadata;
  await request('PATCH', {
    metadata: { resourceVersion },
    stringData: { 'wallet.json': JSON.stringify(jwk), address: owner, mint: `${owner}:${WINSTON}` },
  });
  console.log(`${SECRET} holds the new wallet ${owner}`);
}
