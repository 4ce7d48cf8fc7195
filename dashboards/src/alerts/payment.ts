import { metrics, objectives } from '@bundler/contract';
import { gauge, max, platform } from '../promql/index.ts';
import { type Alert, type Given, given, look, steady } from './define.ts';

const { outboxAgeSeconds, priceAgeSeconds, topUpAgeSeconds } = objectives.payment;
const main = { namespace: 'bundler', config: 'main' };
const own = { component: 'payment', pod: 'payment-1' };
const workers = { component: 'workers-redrive', pod: 'workers-1' };

const imbalance = (winc: number): Given => [
  given(metrics.ledgerImbalance, { ...own, check: 'accounts' }, steady(winc)),
];
const age = (seconds: number): Given => [given(metrics.priceAge, { ...own, of: 'gateway' }, steady(seconds))];
const pending = (seconds: number): Given => [given(metrics.topUpAge, { ...own, token: 'arweave' }, steady(seconds))];
const unclear = (payments: number): Given => [given(metrics.x402Unclear, own, steady(payments))];
const lag = (seconds: number): Given => [given(metrics.outboxAge, { ...workers, kind: 'refund' }, steady(seconds))];

/** Money: whether it adds up, and whether it moves. */
export const paymentAlerts: readonly Alert[] = [
  {
    name: 'BundlerLedgerImbalance',
    summary: 'The ledger of {{ $labels.namespace }}/{{ $labels.config }} does not add up',
    description: 'It is {{ $value }} winc off by the check {{ $labels.check }}; it is always to be 0.',
    team: 'payments',
    panel: ['cost', 'Ledger'],
    rules: [
      {
        severity: 'critical',
        expr: max([...platform, 'check'], gauge(metrics.ledgerImbalance)).above(0),
        for: '10m',
        proof: {
          fires: imbalance(1),
          labels: { ...main, check: 'accounts' },
          says: 'It is 1 winc off by the check accounts; it is always to be 0.',
          silent: [imbalance(0)],
        },
      },
    ],
    runbook: {
      meaning:
        '`sum`: all balances together are not zero, which one transfer can never cause. `accounts`: the balance of an account is not the sum of its transfers. PostgreSQL moves both in one statement, so that somebody has changed rows by hand, or a restore has mixed two moments.',
      impact: 'Somebody has more or less than they should. Uploads go on.',
      look: [
        look.payment('^payment_(ledger|balance)'),
        look.paymentDatabase(
          'Which accounts are off, and by how much',
          'select a.id, a.kind, a.owner, a.balance, m.amount from accounts a left join (select account, sum(amount) as amount from (select credited as account, amount from transfers union all select debited, -amount from transfers) s group by account) m on m.account = a.id where a.balance <> coalesce(m.amount, 0) limit 50',
        ),
        look.logs('payment', '"level":(40|50)'),
      ],
      mitigation: [
        'Transfers are the truth: they are never changed. Find who wrote to `accounts` past the service, and take that access away.',
        'Stop the service (`payment.enabled: false`) if the difference grows: free uploads go on.',
        'Set the balance to the sum of the transfers in one transaction, and note why. Never delete or change a transfer.',
      ],
    },
  },
  {
    name: 'BundlerPriceStale',
    summary: 'The {{ $labels.of }} price of {{ $labels.namespace }}/{{ $labels.config }} is old',
    description: `It is {{ $value | humanizeDuration }} old; ${priceAgeSeconds / 60} minutes is the limit, and above MAX_STALE_AR_PRICE_MS nothing is sold.`,
    team: 'payments',
    panel: ['cost', 'Age of prices'],
    rules: [
      {
        severity: 'warning',
        expr: max([...platform, 'of'], gauge(metrics.priceAge)).above(priceAgeSeconds),
        for: '5m',
        proof: {
          fires: age(priceAgeSeconds + 60),
          labels: { ...main, of: 'gateway' },
          says: 'It is 31m 0s old; 30 minutes is the limit, and above MAX_STALE_AR_PRICE_MS nothing is sold.',
          silent: [age(priceAgeSeconds - 60)],
        },
      },
    ],
    runbook: {
      meaning:
        '`gateway`: the Arweave gateway has told no price for storage. `rates`: whoever tells what tokens are worth has not. The last value counts meanwhile.',
      impact:
        'None until MAX_STALE_AR_PRICE_MS. Then prices and reservations are answered with 503, and paid uploads with them; without rates, only prices in currencies and top-ups with other tokens are.',
      look: [
        look.payment('^(payment_price|arweave_gateway_requests_total)'),
        look.logs('payment', 'no newer'),
        {
          why: 'What the gateway says to a pod of the service:',
          run: 'kubectl -n "$NAMESPACE" exec "deploy/$NAME-payment" -- node -e \'fetch((process.env.PRICE_ORACLE_GATEWAY_URL || process.env.ARWEAVE_GATEWAY) + "/price/1024").then(async (r) => console.log(r.status, await r.text()), console.error)\'',
        },
      ],
      mitigation: [
        'Wait for a public one, or name another with PRICE_ORACLE_GATEWAY_URL or COINGECKO_API_URL.',
        'See that a NetworkPolicy lets the payment pods out.',
        'A longer MAX_STALE_AR_PRICE_MS sells at an old price: decide who bears the difference.',
      ],
      settings: ['priceGateway', 'ratesUrl', 'priceMaxAge', 'priceCacheTtl'],
    },
  },
  {
    name: 'BundlerTopUpsStuck',
    summary: 'Credits for {{ $labels.token }} wait in {{ $labels.namespace }}/{{ $labels.config }}',
    description: `The first of the pending transactions is known for {{ $value | humanizeDuration }}; ${topUpAgeSeconds / 3600} hours is the limit.`,
    team: 'payments',
    panel: ['cost', 'Pending top-ups'],
    rules: [
      {
        severity: 'warning',
        expr: max([...platform, 'token'], gauge(metrics.topUpAge)).above(topUpAgeSeconds),
        for: '10m',
        proof: {
          fires: pending(topUpAgeSeconds + 60),
          labels: { ...main, token: 'arweave' },
          says: 'The first of the pending transactions is known for 3h 1m 0s; 3 hours is the limit.',
          silent: [pending(topUpAgeSeconds - 60)],
        },
      },
    ],
    runbook: {
      meaning: 'A transaction that somebody has told us of is not confirmed, or its chain cannot be asked.',
      impact: 'Who has sent it has paid and has no credits yet.',
      look: [
        look.paymentDatabase(
          'Which transactions wait, since when, and when somebody last looked',
          'select token, transaction_id, created_at, checked_at from top_ups where settled_at is null order by created_at limit 50',
        ),
        look.logs('payment', 'pending-tx|chain'),
      ],
      mitigation: [
        'Look the transaction up in an explorer of its chain. Pending there: the sender paid too little for it, and it comes or it never does; it ends as failed by itself.',
        'Confirmed there: the node that we ask is behind or away. Name another in the settings.',
      ],
      settings: ['pendingTopUpInterval', 'paymentArweaveConfirmations', 'arweaveGateway'],
    },
  },
  {
    name: 'BundlerX402Unclear',
    summary: 'Payments by x402 to {{ $labels.namespace }}/{{ $labels.config }} wait for somebody to look them up',
    description: 'Of {{ $value | humanize }} it is not known whether they were carried out; it is to be 0.',
    team: 'payments',
    panel: ['cost', 'Payments by x402'],
    rules: [
      {
        severity: 'warning',
        expr: max(platform, gauge(metrics.x402Unclear)).above(0),
        for: '5m',
        proof: {
          // Each process reports the same: two of them are no two payments.
          fires: [...unclear(1), given(metrics.x402Unclear, { ...own, pod: 'payment-2' }, steady(1))],
          labels: main,
          says: 'Of 1 it is not known whether they were carried out; it is to be 0.',
          silent: [unclear(0)],
        },
      },
    ],
    runbook: {
      meaning:
        'A facilitator was asked to carry a payment out, and nobody knows whether it did: its answer was lost, or it refused a second try, as it may because the first one had gone through. Until two minutes after the signature of the payer had run out it told nothing clear. Nothing else looks at such a payment again: somebody has to look at its chain.',
      impact:
        'Each of these payers may have paid and have nothing of it: neither the upload nor credits. Everybody else pays as before.',
      look: [
        look.paymentDatabase(
          'Which payments they are, and who gets how much for each if it was carried out',
          'select id, network, requirements->>$$asset$$ as usdc, payer, nonce, beneficiary, worth::text as winc, created_at, reason from x402_payments where state = $$unclear$$ order by id limit 50',
        ),
        {
          why: 'Whether the nonce of one was used on its chain, by a node of the network and what stands in the row. The answer ends with 1 when it was, with 0 when it was not:',
          run: [
            'USDC=0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913 PAYER=0x NONCE=0x',
            `curl -s "\${RPC:-https://mainnet.base.org}" -H 'content-type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"'"$USDC"'","data":"0xe94a0102000000000000000000000000'"\${PAYER#0x}\${NONCE#0x}"'"},"latest"]}'`,
          ].join('\n'),
        },
        look.logs('payment', 'by x402'),
      ],
      mitigation: [
        'How one has ended is told to the admin service (docs/admin-api.md), which writes down who told it. Its `GET /payment/x402-payments` lists the same payments. Where it is off, `admin.enabled` has it run.',
        'Not used: nothing was paid, and nothing can be any more. Tell `POST /payment/x402-payments/ID/settle`: `{"outcome":"not-carried-out"}`.',
        'Used, and an explorer of the chain shows the transfer from the payer to X402_PAYMENT_ADDRESS: tell the same route `{"outcome":"carried-out","transactionId":"TRANSACTION"}`. The beneficiary gets the winc, once whoever tells it too, and who sends the upload again with that payment pays with these credits.',
        'Used without a transfer: the payer has cancelled the signature. It is ended as one that was not used.',
        'The answer is 409: it says how the payment has ended before, or that the transaction has brought credits already, and nothing was changed. What was ended as not carried out by mistake is made good by `POST /payment/credits`, with `x402-ID` as the reference.',
        'Again and again: the facilitator does not tell what it did when it is asked a second time. Name another in X402_FACILITATOR_URL.',
      ],
      settings: ['x402Facilitator', 'pendingTopUpInterval'],
    },
  },
  {
    name: 'BundlerPaymentOutboxLag',
    summary: 'A {{ $labels.kind }} of {{ $labels.namespace }}/{{ $labels.config }} waits',
    description: `The first one waits for {{ $value | humanizeDuration }}; ${outboxAgeSeconds / 60} minutes is the limit.`,
    team: 'payments',
    panel: ['cost', 'Outbox'],
    rules: [
      {
        severity: 'warning',
        expr: max([...platform, 'kind'], gauge(metrics.outboxAge)).above(outboxAgeSeconds),
        for: '15m',
        proof: {
          fires: lag(outboxAgeSeconds + 60),
          labels: { ...main, kind: 'refund' },
          says: 'The first one waits for 11m 0s; 10 minutes is the limit.',
          silent: [lag(outboxAgeSeconds - 60)],
        },
      },
    ],
    runbook: {
      meaning:
        'Rows that say what is still to be done, and is tried again and again. Workers tell the payment service: `capture`, what accepted items have cost; `refund`, what goes back for failed ones. The payment service handles what Stripe has told (`webhook`), refunds cards (`card-refund`), and sends mails about gifts (`gift-mail`).',
      impact:
        'Nobody loses anything: reservations stand, and what is to go back goes back later. Who has paid by card has their credits later.',
      look: [look.payment('^payment_(reservation|outbox)'), look.logs('workers-redrive', 'payment'), look.status],
      mitigation: [
        'The payment service is away or its circuit is open: see BundlerPaymentCircuitOpen.',
        'For `webhook`, `card-refund` and `gift-mail`: `last_error` of the tables `card_events` and `outbox` says what Stripe or the mail server answered.',
        'The queues newDataItem, refund-balance and redrive stand or are paused: see their alerts.',
      ],
      settings: ['paymentTimeout', 'redriveInterval', 'redriveAfter'],
    },
  },
];
