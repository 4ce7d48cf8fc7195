import { type Context, OPERATOR, PLATFORM } from './context.ts';

const LINES = '--tail=40';

/** What a person would look at first: the configuration's status, pods, events, the operator's last words. */
export async function describeTrouble({ kubectl, operator }: Context): Promise<string> {
  const looks: readonly [string, () => Promise<string>][] = [
    ['status', () => kubectl.run(['get', 'bundlerconfig', PLATFORM, '--output=jsonpath={.status}'])],
    ['pods', () => kubectl.run(['get', 'pods', '--output=wide'])],
    ['events', () => kubectl.run(['events', '--types=Warning'])],
    ['operator', () => operator.run(['get', 'pods', '--output=wide'])],
    ['operator log', () => operator.run(['logs', `deployment/${OPERATOR}`, '--all-pods', LINES])],
  ];
  const parts = looks.map(async ([title, look]) => {
    const text = await look().catch((error: Error) => error.message);
    return `--- ${title}\n${text.trim().split('\n').slice(-60).join('\n')}`;
  });
  return (await Promise.all(parts)).join('\n');
}
