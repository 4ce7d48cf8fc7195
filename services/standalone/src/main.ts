import { resolve } from 'node:path';
import { demo } from './commands/demo.ts';
import { down } from './commands/down.ts';
import { logs } from './commands/logs.ts';
import { status } from './commands/status.ts';
import { up } from './commands/up.ts';
import { readDotEnv } from './config/environment.ts';
import { readOptions } from './config/options.ts';
import { supervise } from './supervise/supervise.ts';

const USAGE = 'Usage: main.ts demo | up | down | status | logs [name] | supervise';

/** The standalone platform's command line. */
async function main([command, name]: readonly string[]): Promise<number> {
  const root = resolve(import.meta.dirname, '../../..');
  const options = readOptions({ ...(await readDotEnv(root)), ...process.env }, root);
  const print = (line: string) => console.log(line);
  switch (command) {
    case 'demo':
      await demo(options, process.env, print);
      return 0;
    case 'up': {
      const { urls } = await up(options, process.env, print);
      print(`Ready. Uploads go to ${urls.upload}, the gateway is ${urls.gateway}. Stop with "make down".`);
      print('A page that uploads from the browser: "make example".');
      return 0;
    }
    case 'down':
      await down(options, print);
      return 0;
    case 'status':
      return (await status(options, print)) ? 0 : 1;
    case 'logs':
      await logs(options, name, process.stdout.isTTY);
      return 0;
    case 'supervise':
      return supervise(options, process.env);
    default:
      print(USAGE);
      return 2;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
