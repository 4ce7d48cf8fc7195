import {
  ADMIN_NAME_HEADER,
  ApiError,
  type PaymentActAnswer,
  type PaymentActName,
  type PaymentActRequest,
  type PromoCodeBody,
  paymentActSchema,
  paymentActs,
  type X402Finding,
} from '@bundler/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { normalAddress } from '../access/addresses.ts';
import type { PromoCode } from '../ledger/promo-code.ts';
import { currencies } from '../pricing/currencies.ts';
import type { Administration } from '../store/administration.ts';
import type { Finding } from '../x402/judge-finding.ts';

export interface AdministrationRoutes {
  readonly administration: Pick<
    Administration,
    'inspect' | 'grant' | 'unflag' | 'addPromoCode' | 'unclearX402' | 'settleX402'
  >;
}

type Acts = {
  readonly [Name in PaymentActName]: (
    admin: string,
    request: PaymentActRequest<Name>,
  ) => Promise<PaymentActAnswer<Name>>;
};

/** What the admin service asks for somebody whose key it has checked. */
export function addAdministrationRoutes(app: FastifyInstance, { administration }: AdministrationRoutes): void {
  const acts = actsOf(administration);
  for (const [name, act] of Object.entries(paymentActs) as [PaymentActName, (typeof paymentActs)[PaymentActName]][]) {
    app.route({
      method: act.method,
      url: `/admin${act.path}`,
      schema: paymentActSchema(act, 'services'),
      handler: (request) => acts[name](adminOf(request), request as never),
    });
  }
}

const actsOf = (administration: AdministrationRoutes['administration']): Acts => ({
  inspect: async (admin, { params }) => {
    const report = await administration.inspect(admin, addressIn(params.address));
    if (!report) throw new ApiError('user_not_found');
    return report;
  },
  unflag: async (admin, { params }) => ({
    unflagged: await administration.unflag(admin, addressIn(params.address)),
  }),
  grant: async (admin, { body }) => {
    const wish = { ...body, address: addressIn(body.address) };
    return { isNew: await administration.grant(admin, wish) };
  },
  'promo-code': async (admin, { body }) => {
    const promo = promoCodeIn(body);
    if (await administration.addPromoCode(admin, promo)) return { code: promo.code };
    throw new ApiError('invalid_request', { detail: `There is a promo code ${promo.code} already.` });
  },
  'x402-unclear': async (admin) => ({ payments: await administration.unclearX402(admin) }),
  'x402-settle': async (admin, { body, params: { id } }) => {
    const finding = findingIn(body);
    const settled = await administration.settleX402(admin, id, finding);
    if (!settled) throw new ApiError('not_found', { detail: `There is no payment ${id}.` });
    const { judged, row } = settled;
    if (judged.verdict === 'contradiction') throw new ApiError('x402_contradiction', { detail: judged.why });
    const { beneficiary, worth } = row;
    return finding.carriedOut
      ? { id, state: 'credited', transactionId: finding.transaction, beneficiary, winc: worth }
      : { id, state: 'refused', transactionId: null, beneficiary, winc: '0' };
  },
});

/** @throws ApiError: nothing is done for nobody */
function adminOf({ headers }: FastifyRequest): string {
  const name = headers[ADMIN_NAME_HEADER];
  if (typeof name === 'string' && name !== '') return name;
  throw new ApiError('invalid_request', { detail: `Say in ${ADMIN_NAME_HEADER} who asks.` });
}

function addressIn(text: string): string {
  const address = normalAddress(text);
  if (address === undefined) throw new ApiError('invalid_request', { detail: 'That is no address.' });
  return address;
}

/** @throws ApiError for one that says too much or too little */
function findingIn({ outcome, transactionId }: X402Finding): Finding {
  const carriedOut = outcome === 'carried-out';
  if (carriedOut !== (transactionId !== undefined))
    throw new ApiError('invalid_request', {
      detail: 'What was carried out has a transactionId, and nothing else has.',
    });
  return carriedOut ? { carriedOut, transaction: transactionId!.toLowerCase() } : { carriedOut };
}

/** @throws ApiError for one that says too much or too little */
function promoCodeIn(body: PromoCodeBody): PromoCode {
  const { amount = null, currency = null, minAmount = null, percent = null } = body;
  const refuse = (detail: string): never => {
    throw new ApiError('invalid_request', { detail });
  };
  if ((percent === null) === (amount === null)) refuse('Give a percent or an amount.');
  if (currency === null && (amount !== null || minAmount !== null)) refuse('Amounts need a currency.');
  if (currency !== null && !currencies[currency]) refuse(`There is no currency ${currency}.`);
  const moment = (text: string): Date => {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? refuse(`${text} is no moment.`) : date;
  };
  return {
    code: body.code,
    percent,
    amount,
    currency,
    minAmount,
    startsAt: body.startsAt === undefined ? new Date() : moment(body.startsAt),
    endsAt: body.endsAt === undefined ? null : moment(body.endsAt),
    maxUses: body.maxUses ?? null,
    newUsersOnly: body.newUsersOnly ?? false,
    oncePerAddress: body.oncePerAddress ?? false,
  };
}
