/**
 * Prints a token for a client, signed with the first secret of a file like that of JWT_SECRETS_FILE.
 *
 *   node services/upload/src/issue-token.ts --secrets jwt-secrets --subject indexer [--days 30]
 */
import { parseArgs } from 'node:util';
import { issueClientToken, loadTokenSecrets, SUBJECT } from './admission/client-tokens.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 366;

const { values } = parseArgs({
  options: {
    secrets: { type: 'string', default: '' },
    subject: { type: 'string', default: '' },
    days: { type: 'string', default: '30' },
  },
});
const days = Number(values.days);
const [secret] = await loadTokenSecrets(values.secrets);
if (secret === undefined) fail('--secrets must name the file with the secrets');
if (!SUBJECT.test(values.subject)) fail('--subject must be up to 128 letters, digits and _ . : @ -');
if (!(days > 0 && days <= MAX_DAYS)) fail(`--days must be a number up to ${MAX_DAYS}`);
process.stdout.write(`${issueClientToken(secret, values.subject, Date.now(), Date.now() + days * DAY_MS)}\n`);

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
