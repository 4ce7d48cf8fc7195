/**
 * Proves the platform on a real cluster: installs both charts into namespaces of its own and shows, a line each, what
 * the platform promises. KUBECONFIG names the cluster; its nodes have the images of `make images`, and KEDA.
 *
 *   node services/testing/e2e/main.ts [--only name,name] [--keep]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBuilt, root } from './kit/built.ts';
import { type Context, LeftOut } from './kit/context.ts';
import { describeTrouble } from './kit/diagnose.ts';
import { Helm } from './kit/helm.ts';
import { findImages } from './kit/images.ts';
import { Kubectl } from './kit/kubectl.ts';
import { Platform } from './kit/platform.ts';
import { requireCluster, requireHelm } from './kit/requirements.ts';
import { proofs } from './proofs/index.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, keep: { type: 'boolean', default: false } },
});
const only = values.only.split(',').filter(Boolean);
const started = performance.now();
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s`;

async function makeContext(): Promise<Context> {
  const kubectl = new Kubectl('bundler-e2e');
  await requireCluster(kubectl);
  const built = await readBuilt();
  return {
    built,
    images: await findImages(kubectl, built, process.env),
    helm: new Helm(await requireHelm(process.env)),
    kubectl,
    operator: kubectl.in('bundler-e2e-operator'),
    platform: new Platform(kubectl),
    charts: join(root, 'charts'),
    say: (line) => console.log(`            ${line}`),
  };
}

/** Runs the proofs in their order; each needs what those before it have left. @returns what was left out */
async function prove(context: Context): Promise<string[]> {
  const leftOut: string[] = [];
  for (const [name, { title, run }] of Object.entries(proofs)) {
    if (only.length > 0 ? !only.includes(name) : values.keep && name === 'uninstall') continue;
    const since = performance.now();
    try {
      console.log(
        `ok ${seconds(since)}  ${title}: ${await run(context)}`.replace(/^ok +[\d.]+ s/, `ok ${seconds(since)}`),
      );
    } catch (error) {
      if (!(error instanceof LeftOut))
        throw new Error(`${title} (${name}): ${(error as Error).message}`, { cause: error });
      leftOut.push(`${title}: ${error.message}`);
    }
  }
  return leftOut;
}

let context: Context | undefined;
try {
  context = await makeContext();
  const leftOut = await prove(context);
  for (const line of leftOut) console.log(`Left out: ${line}`);
  console.log(`All of it holds; ${seconds(started).trim()} in all.`);
} catch (error) {
  console.error(`\nFAILED after ${seconds(started).trim()}: ${(error as Error).message}`);
  if (context) console.error(await describeTrouble(context));
  process.exitCode = 1;
} finally {
  await context?.platform.disconnect();
}
