import { ApiError, type Approval, creditSharingOf } from '@bundler/contract';
import type { Breaker } from '../breaker.ts';
import { asking } from './asking.ts';
import type { PaymentClient, PaymentRefusal } from './client.ts';
import type { CreditSharing, SharingItem } from './port.ts';

/** Shares credits through the payment service, behind its breaker. */
export function creditSharing(
  client: Pick<PaymentClient, 'createApproval' | 'revokeApprovals'>,
  breaker: Pick<Breaker, 'run'>,
): CreditSharing {
  return {
    share: async ({ itemId, signer, tags }) => {
      const wanted = creditSharingOf(tags);
      if (!wanted) return undefined;
      const parties = {
        dataItemId: itemId.toString('base64url'),
        payingAddress: signer(),
        approvedAddress: 'approves' in wanted ? wanted.approves : wanted.revokes,
      };
      if ('revokes' in wanted) {
        const revoked = await asking(breaker, () => client.revokeApprovals(parties));
        if (isRefusal(revoked)) throw new ApiError('revocation_refused');
        return { revokedApprovals: revoked };
      }
      const { expiresInSeconds, winc } = wanted;
      const body = { ...parties, winc, ...(expiresInSeconds !== undefined && { expiresInSeconds }) };
      const created = await asking(breaker, () => client.createApproval(body));
      if (isRefusal(created)) throw new ApiError('approval_refused', { detail: created.refused });
      return { createdApproval: created };
    },
  };
}

/** Where nothing is paid for there is nothing to be shared. */
export const noCreditSharing: CreditSharing = {
  share: async ({ tags }: SharingItem) => {
    const wanted = creditSharingOf(tags);
    if (!wanted) return undefined;
    throw 'revokes' in wanted
      ? new ApiError('revocation_refused', { detail: 'Nothing is paid for here.' })
      : new ApiError('approval_refused', { detail: 'nothing is paid for here' });
  },
};

const isRefusal = (answer: Approval | Approval[] | PaymentRefusal): answer is PaymentRefusal => 'refused' in answer;
