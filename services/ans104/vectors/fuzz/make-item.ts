import { editBytes, editFields, type ItemRecipe } from './edits.ts';
import { oracleMessage } from './oracle.ts';
import { type Seedling, signParts } from './pool.ts';

/** Bytes made by a recipe, and the one thing that was really signed for them. */
export interface MadeItem {
  bytes: Buffer;
  signature: Buffer;
  signed: { type: number; owner: Buffer; message: Buffer };
}

/** RSA signatures cost milliseconds: those of type 1 are made once. */
const SLOW_TO_SIGN = 1;

/** Makes the item; `signed` tells what a reader may take for signed, and nothing else. */
export async function makeItem({ signer, parts }: Seedling, recipe: ItemRecipe): Promise<MadeItem> {
  const edited = editFields(parts, recipe.fields);
  const resigned = recipe.resign && signer.signatureType !== SLOW_TO_SIGN;
  const from = resigned ? { ...edited, owner: signer.owner } : parts;
  const signature = resigned ? await signParts(signer, from) : parts.signature;
  const bytes = editBytes(resigned ? { ...edited, signature } : edited, recipe.bytes);
  const { owner, target, anchor, rawTags, payload } = from;
  const message = oracleMessage(signer.signatureType, [owner, target, anchor, rawTags, payload]);
  return { bytes, signature, signed: { type: signer.signatureType, owner, message } };
}
