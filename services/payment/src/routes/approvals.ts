import { ApiError, Approval as ApprovalAnswer, CreateApprovalRequest, RevokeApprovalsRequest } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { normalAddress } from '../access/addresses.ts';
import type { Approval, Approvals } from '../store/approvals.ts';
import { Winc } from './answers.ts';

export interface ApprovalRoutes {
  readonly approvals: Pick<Approvals, 'create' | 'revoke' | 'expire' | 'given' | 'received' | 'between'>;
}

export const ApprovalsAnswer = {
  givenApprovals: Type.Array(ApprovalAnswer),
  receivedApprovals: Type.Array(ApprovalAnswer),
};
const Between = Type.Object({
  approvals: Type.Array(ApprovalAnswer),
  /** What can be spent through all of them. */
  amount: Winc,
  expiresBy: Type.Optional(Type.String({ format: 'date-time', description: 'When the first of them expires.' })),
});
const BetweenQuery = Type.Object({
  payingAddress: Type.String({ maxLength: 100 }),
  approvedAddress: Type.String({ maxLength: 100 }),
});
const UserQuery = Type.Object({ userAddress: Type.String({ maxLength: 100 }) });

/** An approval as clients know it. */
export function approvalAnswer({ id, payer, approved, winc, left, createdAt, expiresAt }: Approval): ApprovalAnswer {
  return {
    approvalDataItemId: id,
    payingAddress: payer,
    approvedAddress: approved,
    approvedWincAmount: String(winc),
    usedWincAmount: String(winc - left),
    creationDate: createdAt.toISOString(),
    ...(expiresAt && { expirationDate: expiresAt.toISOString() }),
  };
}

/** Who shares credits with whom; anybody may ask, as for balances. */
export function addApprovalRoutes(app: FastifyInstance, { approvals }: ApprovalRoutes): void {
  const about = { tags: ['account'] };
  const between = { ...about, summary: 'What one shares with another', querystring: BetweenQuery };
  for (const path of ['/account/approvals', '/account/approval']) {
    app.get<{ Querystring: Static<typeof BetweenQuery> }>(
      path,
      { schema: { ...between, response: { 200: Between } } },
      async ({ query }): Promise<Static<typeof Between>> => {
        const found = await approvals.between(addressOf(query.payingAddress), addressOf(query.approvedAddress));
        const listed = found.approvals.map(approvalAnswer);
        const [expiresBy] = listed.flatMap(({ expirationDate }) => expirationDate ?? []);
        return { approvals: listed, amount: String(found.left), ...(expiresBy !== undefined && { expiresBy }) };
      },
    );
  }
  const schema = {
    ...about,
    summary: 'What somebody shares, and what others share with them; those first that are spent first',
    querystring: UserQuery,
    response: { 200: Type.Object(ApprovalsAnswer) },
  };
  app.get<{ Querystring: Static<typeof UserQuery> }>('/account/approvals/get', { schema }, async ({ query }) => {
    const user = addressOf(query.userAddress);
    const [given, received] = await Promise.all([approvals.given(user), approvals.received(user)]);
    return {
      givenApprovals: given.approvals.map(approvalAnswer),
      receivedApprovals: received.approvals.map(approvalAnswer),
    };
  });
}

/** What the upload service has done for items whose tags share credits. To be registered where services are let in. */
export function addApprovalCommands(app: FastifyInstance, { approvals }: ApprovalRoutes): void {
  const create = {
    tags: ['services'],
    summary: 'Shares credits, once for each data item',
    body: CreateApprovalRequest,
    response: { 200: ApprovalAnswer },
  };
  app.post<{ Body: CreateApprovalRequest }>('/account/approvals/create', { schema: create }, async ({ body }) => {
    const { dataItemId: id, expiresInSeconds, payingAddress } = body;
    const payer = addressOf(payingAddress);
    const approved = normalAddress(body.approvedAddress);
    if (approved === undefined || approved === payer) throw new ApiError('invalid_approved_address');
    const made = await approvals.create({ id, payer, approved, winc: BigInt(body.winc), expiresInSeconds });
    if (made === 'insufficient') throw new ApiError('insufficient_balance', { detail: `for '${payer}'` });
    if (made === 'ended') throw new ApiError('approval_ended');
    return approvalAnswer(made);
  });
  const revoke = {
    tags: ['services'],
    summary: 'Ends all that one shares with another, once for each data item',
    body: RevokeApprovalsRequest,
    response: { 200: Type.Array(ApprovalAnswer) },
  };
  app.post<{ Body: RevokeApprovalsRequest }>('/account/approvals/revoke', { schema: revoke }, async ({ body }) => {
    const approved = normalAddress(body.approvedAddress);
    const payer = addressOf(body.payingAddress);
    const ended = approved === undefined ? [] : await approvals.revoke({ id: body.dataItemId, payer, approved });
    if (ended.length === 0) throw new ApiError('revocation_refused');
    return ended.map(approvalAnswer);
  });
}

/** @throws ApiError for what is no address */
function addressOf(text: string): string {
  const normal = normalAddress(text);
  if (normal === undefined) throw new ApiError('invalid_request', { detail: `${text.slice(0, 100)} is no address.` });
  return normal;
}
