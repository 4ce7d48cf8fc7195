/** A tag in plain text. */
export interface PlainTag {
  readonly name: string;
  readonly value: string;
}

const OCTETS = 'application/octet-stream';

/** What may stand in an HTTP header: a tag is foreign text, and a line break in it would end the header. */
const HEADER_SAFE = /^[\x20-\x7e]{1,256}$/;

/** Tags of a transaction, decoded from base64url. */
export function plainTags(tags: readonly PlainTag[]): PlainTag[] {
  return tags.map(({ name, value }) => ({ name: decodeText(name), value: decodeText(value) }));
}

/** The value of the first tag of that name, whatever its case. */
export function tagValue(tags: readonly PlainTag[], name: string): string | undefined {
  return tags.find((tag) => tag.name.toLowerCase() === name.toLowerCase())?.value;
}

/** The Content-Type to answer data with. */
export function contentTypeOf(tags: readonly PlainTag[]): string {
  const type = tagValue(tags, 'content-type');
  return type !== undefined && HEADER_SAFE.test(type) ? type : OCTETS;
}

/** True for a transaction that says it carries an ANS-104 bundle. */
export function saysBundle(tags: readonly PlainTag[]): boolean {
  return tagValue(tags, 'Bundle-Format') === 'binary' && tagValue(tags, 'Bundle-Version') === '2.0.0';
}

function decodeText(value: string): string {
  return Buffer.from(value, 'base64url').toString('utf8');
}
