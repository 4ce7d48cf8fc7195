import type { Sighting } from '../ledger/judge-top-up.ts';
import { type Chain, ChainUnavailable } from './chain.ts';

/** A payment that a test wants to be made. */
export interface TestPayment {
  readonly to: string;
  readonly quantity: bigint;
  readonly beneficiary?: string;
}

/** A chain together with the network behind it. */
export interface ChainUnderTest {
  /** Asks its node through something that can break. */
  readonly chain: Chain;
  /** Who pays, in the form in which balances are kept, and somebody else. */
  readonly sender: string;
  readonly other: string;
  /** Digits of other letters, or other letters, that name the same transaction; undefined when there are none. */
  readonly otherSpelling: ((id: string) => string) | undefined;
  /** The id of a transaction that nobody made. */
  unknownId(): string;
  /** Whether its node tells of what waits for a block. */
  readonly tellsOfWaiting: boolean;
  /** Makes a payment; it waits for a block. */
  pay(payment: TestPayment): Promise<string>;
  /** Makes a transaction that its chain takes and that fails there; undefined where none can. */
  readonly fail: (() => Promise<string>) | undefined;
  /** Puts what waits into a block, and as many blocks on it as it takes for so many confirmations. */
  confirm(confirmations: number): Promise<void>;
  /** What becomes of questions from now on: passed on, cut off, answered with 500, with other JSON, or with half of it. */
  answers(how: 'pass' | 'cut' | '500' | 'other JSON' | 'half'): void;
  close(): Promise<void>;
}

/** What every chain must tell; each implementation runs it against its network, or what stands in for it. */
export function chainConformance(open: () => Promise<ChainUnderTest>): void {
  let under: ChainUnderTest;
  beforeAll(async () => {
    under = await open();
  }, 60_000);
  afterAll(() => under?.close());
  afterEach(() => under.answers('pass'));

  const payment = async (quantity: bigint, beneficiary?: string): Promise<string> =>
    under.pay({ to: under.chain.wallet, quantity, ...(beneficiary !== undefined && { beneficiary }) });
  const transaction = (seen: Sighting) => {
    if (typeof seen === 'string') throw new Error(`seen: ${seen}`);
    return seen;
  };

  it('speaks for the chain that is meant', () => under.chain.verify());

  it('knows its ids, each in one form only, and nothing else', async () => {
    const id = await payment(1n);
    expect(under.chain.idOf(id)).toBe(id);
    for (const text of ['', 'x', `${id}xxx`, id.slice(40), `../${id.slice(3)}`, '0'.repeat(100_000)]) {
      expect(under.chain.idOf(text)).toBeUndefined();
    }
    const other = under.otherSpelling?.(id);
    if (other !== undefined) expect([undefined, id]).toContain(under.chain.idOf(other));
    expect(other).not.toBe(id);
  });

  it('does not know what nobody has made', async () => {
    expect(await under.chain.find(under.unknownId())).toBe('unknown');
  });

  it('tells of a payment that waits for a block, then how often it is confirmed, with every digit of it', async () => {
    const quantity = 1_234_567_890_123_457n;
    const id = await payment(quantity);
    expect(await under.chain.find(id)).toBe(under.tellsOfWaiting ? 'waiting' : 'unknown');
    await under.confirm(under.chain.minConfirmations);
    const seen = transaction(await under.chain.find(id));
    expect(seen).toMatchObject({ recipient: under.chain.wallet, sender: under.sender, quantity });
    expect(seen.beneficiary).toBeUndefined();
    expect(seen.confirmations).toBeGreaterThanOrEqual(under.chain.minConfirmations);
    expect(seen.blockHeight).toBeGreaterThan(0);
  });

  it('counts too few confirmations as such', async () => {
    if (under.chain.minConfirmations === 1) return;
    const id = await payment(10n);
    await under.confirm(under.chain.minConfirmations - 1);
    const seen = transaction(await under.chain.find(id));
    expect(seen.confirmations).toBe(under.chain.minConfirmations - 1);
  });

  it('names whom the sender wants to be credited, in the form in which balances are kept', async () => {
    const ids = [
      await payment(20n, '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf'),
      await payment(30n, under.other),
      await payment(40n, 'nobody at all'),
    ];
    await under.confirm(under.chain.minConfirmations);
    const named = await Promise.all(ids.map(async (id) => transaction(await under.chain.find(id)).beneficiary));
    expect(named).toEqual(['0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf', under.other, undefined]);
  });

  it('does not take what was sent to somebody else for a payment to us', async () => {
    const id = await under.pay({ to: under.other, quantity: 50n });
    await under.confirm(under.chain.minConfirmations);
    expect(transaction(await under.chain.find(id)).recipient).not.toBe(under.chain.wallet);
  });

  it('says of a transaction that has failed that it has', async () => {
    if (!under.fail) return;
    const id = await under.fail();
    await under.confirm(under.chain.minConfirmations);
    expect(await under.chain.find(id)).toBe('failed');
  });

  it.each(['cut', '500', 'other JSON', 'half'] as const)(
    'does not guess when its node cannot be asked or says what it should not: %s',
    async (how) => {
      const id = await payment(60n);
      await under.confirm(under.chain.minConfirmations);
      under.answers(how);
      await expect(under.chain.find(id)).rejects.toThrow(ChainUnavailable);
      under.answers('pass');
      expect(transaction(await under.chain.find(id)).quantity).toBe(60n);
    },
  );
}
