import { testSecret } from '../../vectors/parties.ts';
import { ethereumSigner, typedEthereumSigner } from '../index.ts';
import type { Secp256k1Check } from './secp256k1-batch.ts';
import { Secp256k1Thread } from './secp256k1-thread.ts';

const message = Buffer.alloc(48, 1);
let thread: Secp256k1Thread;

beforeEach(() => {
  thread = new Secp256k1Thread();
});

afterEach(() => thread.close());

async function makeCheck(label: string): Promise<Secp256k1Check> {
  const signer = label.startsWith('typed') ? typedEthereumSigner(testSecret(label)) : ethereumSigner(testSecret(label));
  return { message, signature: await signer.sign(message), owner: signer.owner };
}

describe('the thread for secp256k1', () => {
  it('gives each of many simultaneous checks its own answer', async () => {
    const checks = await Promise.all(
      Array.from({ length: 40 }, (_, index) => makeCheck(`${index % 3 ? '' : 'typed'}${index}`)),
    );
    const other = await makeCheck('other');
    const mixed = checks.map((check, index) => (index % 4 === 0 ? { ...check, signature: other.signature } : check));
    const answers = await Promise.all(mixed.map((check) => thread.verify(check)));
    expect(answers).toEqual(mixed.map((_, index) => index % 4 !== 0));
  });

  it('takes pieces of a wrong length for what they are, and leaves its neighbours alone', async () => {
    const good = await makeCheck('good');
    const answers = await Promise.all([
      thread.verify({ ...good, owner: Buffer.alloc(66) }),
      thread.verify({ ...good, signature: good.signature.subarray(1) }),
      thread.verify({ ...good, message: Buffer.alloc(49) }),
      thread.verify(good),
    ]);
    expect(answers).toEqual([false, false, false, true]);
  });

  it('rejects what is under way when it is closed, and starts again for what comes later', async () => {
    const check = await makeCheck('closed');
    const underWay = expect(thread.verify(check)).rejects.toThrow('was closed');
    await thread.close();
    await underWay;
    expect(await thread.verify(check)).toBe(true);
  });

  it.each([
    ['throws', 'throw new Error("broken")', 'broken'],
    ['ends', 'process.exit(3)', 'ended with code 3'],
  ])('leaves no check waiting when it %s', async (_, script, message) => {
    const broken = new Secp256k1Thread(new URL(`data:text/javascript,${script}`));
    const check = await makeCheck('broken');
    const answers = await Promise.allSettled([broken.verify(check), broken.verify(check)]);
    const reason = expect.objectContaining({ message: expect.stringContaining(message) });
    expect(answers).toEqual([1, 2].map(() => ({ status: 'rejected', reason })));
  });
});
