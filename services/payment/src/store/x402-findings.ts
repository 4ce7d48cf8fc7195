import type { Knex } from '@bundler/adapters';
import type { UnclearX402, X402NetworkName } from '@bundler/contract';
import { type Finding, type FindingVerdict, judgeFinding, usedTransaction } from '../x402/judge-finding.ts';
import { x402Networks } from '../x402/networks.ts';
import { Overtaken } from './transactions.ts';
import { creditX402, type X402Row, x402Columns } from './x402-payments.ts';

/** What clients are told who send a payment again that was found not to be carried out. */
const NOT_MADE = 'It was not carried out: nothing was paid.';

type Unclear = UnclearX402['payments'][number];

/** Payments of which nobody knows whether they were carried out, oldest first. */
export async function listUnclearX402(trx: Knex, limit: number): Promise<Unclear[]> {
  const { rows } = await trx.raw<{ rows: (Omit<Unclear, 'createdAt'> & { createdAt: Date })[] }>(
    `select id::text, network, requirements->>'asset' as asset, payer, nonce,
       payment->'payload'->'authorization'->>'value' as quantity, beneficiary, worth::text as winc,
       created_at as "createdAt", reason
     from x402_payments where state = 'unclear' order by id limit ?`,
    [limit],
  );
  return rows.map(({ createdAt, ...about }) => ({ ...about, createdAt: createdAt.toISOString() }));
}

/** A payment as it was before something was found out about it, and what became of that. */
export interface JudgedX402 {
  readonly row: X402Row;
  readonly judged: FindingVerdict;
}

/** Ends a payment as somebody has found it on its chain, as a part of a transaction. Undefined for one that there is not. */
export async function settleX402(trx: Knex, id: string, finding: Finding): Promise<JudgedX402 | undefined> {
  const { rows } = await trx.raw<{ rows: X402Row[] }>(
    `select ${x402Columns} from x402_payments where id = ? for update`,
    [id],
  );
  const [row] = rows;
  if (!row) return undefined;
  const judged = judgeFinding(row, finding);
  if (judged.verdict !== 'new') return { row, judged };
  return { row, judged: finding.carriedOut ? await credit(trx, row, finding.transaction) : await refuse(trx, row) };
}

/** A person may name the wrong transaction: one pays for one thing only, whoever else was credited for it. */
async function credit(trx: Knex, row: X402Row, transaction: string): Promise<FindingVerdict> {
  const { token } = x402Networks[row.payment.network as X402NetworkName];
  const used = await trx.raw(`select from top_ups where token = ? and transaction_id = ? and state = 'credited'`, [
    token,
    transaction,
  ]);
  if (used.rowCount > 0) return usedTransaction(transaction);
  if (await creditX402(trx, row, transaction, token)) return { verdict: 'new' };
  throw new Overtaken('the transaction has brought credits meanwhile');
}

async function refuse(trx: Knex, { id }: X402Row): Promise<FindingVerdict> {
  await trx.raw(`update x402_payments set state = 'refused', reason = ?, settled_at = now() where id = ?`, [
    NOT_MADE,
    id,
  ]);
  return { verdict: 'new' };
}
