import type { ArweaveJwk } from '@bundler/ans104';
import Arweave from 'arweave';

/** Sends winston from a wallet to an address through a gateway. @returns the transaction's id */
export async function sendWinston(
  gatewayUrl: string,
  jwk: ArweaveJwk,
  transfer: { readonly to: string; readonly winston: bigint; readonly tags?: Readonly<Record<string, string>> },
): Promise<string> {
  const { hostname, port } = new URL(gatewayUrl);
  const client = Arweave.init({ host: hostname, port, protocol: 'http' });
  const tx = await client.createTransaction({ target: transfer.to, quantity: String(transfer.winston) }, jwk);
  for (const [name, value] of Object.entries(transfer.tags ?? {})) tx.addTag(name, value);
  await client.transactions.sign(tx, jwk);
  const answer = await client.transactions.post(tx);
  if (answer.status !== 200) throw new Error(`POST /tx: ${answer.status} ${answer.statusText}`);
  return tx.id;
}
