import { PLATFORM, type Proof } from '../kit/context.ts';

/** A spec whose pods could hold more connections than the database has is refused, and says by how much. */
export const connectionBudget: Proof = {
  title: 'Spec that breaks the connection budget is refused',
  async run({ kubectl, platform }) {
    const before = (await platform.config()).metadata.generation;
    const refusal = await kubectl.refusal('bundlerconfig', PLATFORM, { spec: { database: { pool: { max: 400 } } } });
    if ((refusal.match(/\d+/g) ?? []).length < 2) throw new Error(`the refusal has no numbers: ${refusal}`);
    if ((await platform.config()).metadata.generation !== before) throw new Error('the spec was changed all the same');
    return refusal.replace(/\s+/g, ' ').slice(-300);
  },
};
