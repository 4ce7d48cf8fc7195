import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resources } from '@bundler/operator/kube';
import { freePort } from '@bundler/standalone/embedded';
import { kubeconfig } from '../../kube/connection.ts';
import type { KubeConnection } from '../../kube/index.ts';
import { PrometheusClient } from '../../load/gate/prometheus-client.ts';
import { OwnPrometheus } from '../../load/platform/own-prometheus.ts';
import { accountWith, chartRules } from '../../operator/kit/account.ts';
import { Stage } from '../../operator/kit/stage.ts';
import { sendWinston } from '../../src/arweave-transfer.ts';
import { TestBridge } from '../../src/optical-bridge.ts';
import { PaymentLedger } from '../../src/payment-ledger.ts';
import { Platform } from '../../src/platform.ts';
import { RatesStandIn } from '../../src/rates-stand-in.ts';
import { startService } from '../../src/service-process.ts';
import { until } from '../../src/until.ts';
import { addressOf, testWallet } from '../../src/wallet.ts';

const MiB = 1024 * 1024;
/** The name of the platform, and of the BundlerConfig that the operator beside it works on. */
const CONFIG = 'main';
/** Everything begins at once, perhaps beside other tests. */
const READY_MS = 180_000;

/** Sizes that the traffic goes by. */
export const limits = { free: MiB, bundle: 4 * MiB } as const;

const settings = {
  FREE_UPLOAD_LIMIT: String(limits.free),
  MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT: String(limits.bundle),
  RATE_LIMIT_ENABLED: 'true',
  // Uploads come from many addresses; who only asks how they are comes from here.
  TRUSTED_PROXIES: '1',
  RATE_LIMIT_UNLIMITED_IPS: '127.0.0.1',
};

export interface SceneOptions {
  /** The program. */
  readonly prometheus: string;
  /** Where the operator works. */
  readonly cluster: KubeConnection;
  /** A PostgreSQL of its own; else the one that a test run shares. */
  readonly ownPostgres?: boolean;
  /** Of the BundlerConfig; one of its own, where others use the cluster too. */
  readonly namespace?: string;
}

/**
 * Everything that the boards are about: a platform of every kind of process, an operator that works on a BundlerConfig of the
 * same name, and a Prometheus that scrapes them all with the labels of a cluster and has the rules that are shipped.
 */
export interface Scene {
  readonly platform: Platform;
  readonly ledger: PaymentLedger;
  readonly stage: Stage;
  readonly bridge: TestBridge;
  readonly prometheus: PrometheusClient;
  close(): Promise<void>;
}

export async function openScene(options: SceneOptions): Promise<Scene> {
  const { prometheus, cluster, ownPostgres = false, namespace } = options;
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).toReversed()) await one();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'bundler-boards-'));
    closing.push(() => rm(directory, { recursive: true, force: true }));
    const stage = await Stage.open(cluster, namespace);
    closing.push(() => stage.close());
    const operator = openOperator(stage, cluster, directory, closing);
    const { platform, ledger, bridge } = await openPlatform(directory, ownPostgres, closing);
    const scraping = await OwnPrometheus.start({
      binary: prometheus,
      directory,
      targets: async () => targetsOf(platform, stage.namespace),
      operator: await operator,
    });
    closing.push(() => scraping.stop());
    return { platform, ledger, stage, bridge, prometheus: new PrometheusClient(scraping.url), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openPlatform(directory: string, ownPostgres: boolean, closing: (() => Promise<unknown>)[]) {
  const bridge = await new TestBridge().start();
  closing.push(() => bridge.stop());
  const rates = new RatesStandIn();
  closing.push(() => rates.stop());
  const adminKeys = join(directory, 'admin-keys');
  await writeFile(adminKeys, `${createHash('sha256').update(randomBytes(32)).digest('hex')} nobody\n`);
  const till = randomBytes(32).toString('base64url');
  const env = {
    ...settings,
    PAYMENT_ARWEAVE_ADDRESS: till,
    ARWEAVE_MIN_CONFIRMATIONS: '1',
    PENDING_TX_INTERVAL_MS: '200',
    OPTICAL_BRIDGE_URLS: bridge.url,
    COINGECKO_API_URL: await rates.start(),
    ADMIN_KEYS_FILE: adminKeys,
  };
  const platform = await Platform.start({ payment: true, apis: 2, ownPostgres, readyTimeoutMs: READY_MS, env });
  closing.push(() => platform.stop());
  await platform.startProcess('admin');
  const ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  closing.push(() => ledger.close());
  await topUp(platform, ledger, till);
  return { platform, ledger, bridge };
}

/** Somebody buys credits with AR; before the first scrape, because the books are read once a minute. */
async function topUp(platform: Platform, ledger: PaymentLedger, to: string): Promise<void> {
  const wallet = await testWallet();
  const txId = await sendWinston(platform.gateway.url, wallet, { to, winston: 10n ** 12n });
  const told = await fetch(`${platform.of('payment')[0]!.url}/v1/account/balance/arweave`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tx_id: txId }),
  });
  if (!told.ok) throw new Error(`a top-up was answered with ${told.status}: ${await told.text()}`);
  await until(async () => (await ledger.balance('available', addressOf(wallet))) > 0n, READY_MS);
}

/** The operator's real process, with the rights of its chart. @returns where its metrics are */
async function openOperator(
  stage: Stage,
  cluster: KubeConnection,
  directory: string,
  closing: (() => Promise<unknown>)[],
): Promise<string> {
  const file = join(directory, 'kubeconfig');
  await writeFile(file, kubeconfig(await accountWith(chartRules, stage, cluster)), { mode: 0o600 });
  stage.nodes.start();
  await stage.configure(CONFIG);
  const address = `127.0.0.1:${await freePort()}`;
  const env = {
    PATH: process.env.PATH ?? '',
    KUBECONFIG: file,
    WATCH_NAMESPACES: stage.namespace,
    POD_NAMESPACE: stage.namespace,
    POD_NAME: 'bundler-operator-1',
    BIND_ADDRESS: '127.0.0.1',
    METRICS_PORT: address.split(':')[1]!,
    POLL_INTERVAL_MS: '1000',
  };
  const log = createWriteStream(join(directory, 'operator.log'));
  const entryPoint = 'operator/src/main.ts';
  const running = await startService({
    entryPoint,
    env,
    adminUrl: `http://${address}`,
    readyPath: '/readyz',
    readyTimeoutMs: READY_MS,
    log,
  });
  closing.push(() => running.stop());
  await stage.condition(CONFIG, 'Ready', 'True', READY_MS);
  return address;
}

/** Somebody changes by hand what the operator made, and is corrected. */
export async function drift(stage: Stage): Promise<void> {
  const name = `${CONFIG}-upload`;
  const label = 'app.kubernetes.io/component';
  const patch = { metadata: { labels: { [label]: 'mine' } } };
  await stage.api.patch(stage.ref(resources.services, name), patch, { fieldManager: 'kubectl-edit' });
  await until(async () => (await stage.get(resources.services, name))?.metadata.labels?.[label] === 'upload', READY_MS);
}

/** The processes as a cluster names them: numbered by what they do. */
function targetsOf(platform: Platform, namespace: string) {
  const numbers = new Map<string, number>();
  return platform.processes.map(({ adminUrl, role }) => {
    const number = (numbers.get(role) ?? 0) + 1;
    numbers.set(role, number);
    const labels = { namespace, config: CONFIG, pod: `${CONFIG}-${role}-${number}` };
    return { address: new URL(adminUrl).host, component: role, labels };
  });
}
