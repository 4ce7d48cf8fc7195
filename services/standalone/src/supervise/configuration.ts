import { access, readFile } from 'node:fs/promises';
import { readDotEnv, settingsIn } from '../config/environment.ts';
import { dataPaths, type Environment, type Options } from '../config/options.ts';
import { type Platform, readPlatform } from '../config/platform.ts';
import { openWallet } from '../services/wallet.ts';

export interface ConfigurationReading {
  readonly platform?: Platform;
  readonly problems: readonly string[];
  /** Names of the settings that stand over the file. */
  readonly overridden: readonly string[];
}

/** The settings that win over the file: the environment's over those of `.env`. */
export async function readOverrides(options: Options, env: Environment): Promise<Record<string, string>> {
  return { ...settingsIn(await readDotEnv(options.root)), ...settingsIn(env) };
}

/** The settings of the environment in which `up` was called; none when it gave none. */
export async function readGivenEnvironment(options: Options): Promise<Environment> {
  const { overrides } = dataPaths(options.dataDir);
  const text = await readFile(overrides, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return JSON.parse(text) as Environment;
}

/**
 * Reads the configuration as it stands now. Nothing in it is trusted; what is wrong comes back as problems.
 *
 * @param generation the number that it gets if it is another one than before
 */
export async function readConfiguration(
  options: Options,
  env: Environment,
  provided: Readonly<Record<string, string>>,
  generation = 1,
): Promise<ConfigurationReading> {
  const { adminKeys, objects, wallet, live } = dataPaths(options.dataDir);
  const gateway = `http://127.0.0.1:${options.ports.gateway}`;
  try {
    const overrides = await readOverrides(options, env);
    const { platform, problems = [] } = readPlatform({
      file: await readFile(options.specFile, 'utf8'),
      overrides,
      provided: {
        BIND_ADDRESS: '127.0.0.1',
        ARWEAVE_WALLET_FILE: wallet,
        RAW_DATA_WALLET_FILE: wallet,
        ADMIN_KEYS_FILE: adminKeys,
        ...provided,
      },
      fallbacks: {
        ...(await payeeIn(wallet)),
        'objectStore.directory': objects,
        'arweave.gateway': gateway,
        'upload.publicGateway': gateway,
      },
      liveDirectory: live,
      generation,
    });
    return { ...(platform ? { platform } : {}), problems, overridden: Object.keys(overrides).sort() };
  } catch (error) {
    return { problems: [`${options.specFile} cannot be read: ${(error as Error).message}`], overridden: [] };
  }
}

/** Credits are paid for to the platform's own wallet; nobody has it before the first start. */
async function payeeIn(walletFile: string): Promise<Record<string, string>> {
  const exists = await access(walletFile).then(
    () => true,
    () => false,
  );
  return exists ? { 'payment.arweave.address': (await openWallet(walletFile)).address } : {};
}
