import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ClientTokens, issueClientToken, loadTokenSecrets } from './client-tokens.ts';

const [CURRENT, BEFORE, OTHER] = ['current', 'before', 'other'].map((name) => name.padEnd(40, '!')) as [
  string,
  string,
  string,
];
const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const GOOD = { sub: 'indexer', aud: 'bundler-upload', exp: SECONDS + 60 };

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
function token(claims: object, secret = CURRENT, header: object = { alg: 'HS256', typ: 'JWT' }, hash = 'sha256') {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}
const tokens = new ClientTokens([CURRENT, BEFORE], () => NOW);
const subject = (text: string): string | undefined => tokens.subject({ authorization: `Bearer ${text}` });

describe('the tokens of clients', () => {
  it('say whom a request comes from, signed with the secret of now or the one before', () => {
    expect(subject(token(GOOD))).toBe('indexer');
    expect(subject(token({ ...GOOD, aud: ['other', 'bundler-upload'] }, BEFORE))).toBe('indexer');
    expect(tokens.subject({ authorization: `bearer  ${token(GOOD)}` })).toBe('indexer');
    expect(subject(issueClientToken(CURRENT, 'a.b:c@d-e_f', NOW, NOW + 1000))).toBe('a.b:c@d-e_f');
  });

  it.each([
    ['a secret that is no longer known', token(GOOD, OTHER)],
    ['no signature', `${encode({ alg: 'none' })}.${encode(GOOD)}.`],
    ['no signature that is asked for', `${encode({ alg: 'none' })}.${encode(GOOD)}.AA`],
    ['another algorithm', token(GOOD, CURRENT, { alg: 'HS512' }, 'sha512')],
    ['another algorithm in name', token(GOOD, CURRENT, { alg: 'RS256' })],
    ['other claims than were signed', token(GOOD).replace(/\.[^.]+\./, `.${encode({ ...GOOD, sub: 'admin' })}.`)],
    ['no audience', token({ ...GOOD, aud: undefined })],
    ['the audience of another service', token({ ...GOOD, aud: 'bundler-payment' })],
    ['no end', token({ ...GOOD, exp: undefined })],
    ['an end that is over', token({ ...GOOD, exp: SECONDS })],
    ['an end in words', token({ ...GOOD, exp: '9999999999' })],
    ['a beginning that is to come', token({ ...GOOD, nbf: SECONDS + 3600 })],
    ['no subject', token({ ...GOOD, sub: undefined })],
    ['a subject that is no name', token({ ...GOOD, sub: 'a b' })],
    ['a subject that is too long', token({ ...GOOD, sub: 'a'.repeat(129) })],
    ['claims that are no object', token([] as never)],
    ['nothing', ''],
  ])('are worth nothing with %s', (_, text) => {
    expect(subject(text)).toBeUndefined();
  });

  it('are worth nothing without the scheme, or where no secret is known', () => {
    expect(tokens.subject({ authorization: token(GOOD) })).toBeUndefined();
    expect(tokens.subject({})).toBeUndefined();
    const authorization = `Bearer ${token(GOOD, '')}`;
    expect(new ClientTokens([], () => NOW).subject({ authorization })).toBeUndefined();
  });
});

describe('the secrets of tokens', () => {
  let directory: string;
  let file: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jwt-secrets-'));
    file = join(directory, 'secrets');
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('are one or two lines of a file; none, where there is no file', async () => {
    await writeFile(file, `${CURRENT}\n\n${BEFORE}\r\n`);
    expect(await loadTokenSecrets(file)).toEqual([CURRENT, BEFORE]);
    expect(await loadTokenSecrets('')).toEqual([]);
  });

  it.each([
    ['', '0 secrets'],
    [`${CURRENT}\n${BEFORE}\n${OTHER}\n`, '3 secrets'],
    ['too short\n', 'less than 32'],
  ])('are refused as %j, without telling them', async (content, why) => {
    await writeFile(file, content);
    const wrong = loadTokenSecrets(file);
    await expect(wrong).rejects.toThrow(why);
    await expect(wrong).rejects.not.toThrow(CURRENT);
    await expect(loadTokenSecrets(join(directory, 'none'))).rejects.toThrow('JWT_SECRETS_FILE');
  });

  it('sign what the script issues', async () => {
    await writeFile(file, `${CURRENT}\n${BEFORE}\n`);
    const script = fileURLToPath(new URL('../issue-token.ts', import.meta.url));
    const run = (...args: string[]) => promisify(execFile)(process.execPath, [script, '--secrets', file, ...args]);
    const { stdout } = await run('--subject', 'indexer', '--days', '1');
    const inDays = (days: number) => new ClientTokens([CURRENT], () => Date.now() + days * 86_400_000);
    const authorization = `Bearer ${stdout.trim()}`;
    expect([0.9, 1.1].map((days) => inDays(days).subject({ authorization }))).toEqual(['indexer', undefined]);
    await expect(run('--subject', 'no name')).rejects.toThrow('--subject must be');
    await expect(run('--subject', 'indexer', '--days', '0')).rejects.toThrow('--days must be');
  });
});
