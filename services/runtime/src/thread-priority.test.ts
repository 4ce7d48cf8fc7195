import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MODULE = new URL('./thread-priority.ts', import.meta.url).href;

/** A process of its own: threads that stand back once do so for as long as they live. */
const SCRIPT = `
  import { pbkdf2 } from 'node:crypto';
  import { getPriority } from 'node:os';
  import { promisify } from 'node:util';
  import { readdirSync } from 'node:fs';
  import { favourEventLoop } from '${MODULE}';
  await promisify(pbkdf2)('', '', 1, 1, 'sha1');
  const count = favourEventLoop();
  const others = readdirSync('/proc/self/task').map(Number).filter((id) => id !== process.pid);
  console.log(JSON.stringify({ own: getPriority(), count, lower: others.filter((id) => getPriority(id) === 5).length }));
`;

describe('thread priority', () => {
  it('lets the event loop go before every thread of the pool, and no other thread', async () => {
    const env = { ...process.env, UV_THREADPOOL_SIZE: '3' };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT], { env });
    expect(JSON.parse(stdout)).toEqual({ own: 0, count: 3, lower: 3 });
  });
});
