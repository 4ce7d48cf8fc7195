import { fieldPath, reader } from '../paths.ts';
import type { CelRule } from './define.ts';

const { bytes, duration, value } = reader('self');

/** The rules between settings, by the name that they have in the contract. */
export const settingRules: Readonly<Record<string, readonly CelRule[]>> = {
  poolBounds: [
    {
      rule: `${value('databasePoolMin')} <= ${value('databasePoolMax')}`,
      fieldPath: fieldPath('databasePoolMin'),
    },
  ],
  reapInterval: [
    {
      rule: `${duration('databaseReapInterval')} <= ${duration('databaseIdleTimeout')}`,
      fieldPath: fieldPath('databaseReapInterval'),
    },
  ],
  headersTimeout: [
    {
      rule: `${duration('uploadHeadersTimeout')} <= duration('60s') || ${duration('uploadHeadersTimeout')} > ${duration('uploadKeepaliveTimeout')}`,
      fieldPath: fieldPath('uploadHeadersTimeout'),
    },
  ],
  keepAliveTimeout: [
    {
      rule: `${duration('uploadKeepaliveTimeout')} > ${duration('uploadRequestTimeout')}`,
      fieldPath: fieldPath('uploadKeepaliveTimeout'),
    },
  ],
  paymentKeepAliveTimeout: [
    {
      rule: `${duration('paymentKeepaliveTimeout')} > ${duration('paymentRequestTimeout')}`,
      fieldPath: fieldPath('paymentKeepaliveTimeout'),
    },
  ],
  paymentWallets: [
    {
      rule: `!['ethereum', 'base', 'polygon'].exists(network, network in ${value('paymentNetworks')}) || ${value('paymentEvmWallet')} != ''`,
      fieldPath: fieldPath('paymentEvmWallet'),
    },
    {
      rule: `!('solana' in ${value('paymentNetworks')}) || ${value('paymentSolanaWallet')} != ''`,
      fieldPath: fieldPath('paymentSolanaWallet'),
    },
    {
      rule: `!('kyve' in ${value('paymentNetworks')}) || ${value('paymentKyveWallet')} != ''`,
      fieldPath: fieldPath('paymentKyveWallet'),
    },
  ],
  inFlightTtl: [
    {
      rule: `${duration('inFlightTtl')} >= ${duration('uploadRequestTimeout')}`,
      fieldPath: fieldPath('inFlightTtl'),
    },
  ],
  groupConnections: [
    {
      rule: `${value('groupConcurrency')} <= ${value('databasePoolMax')}`,
      fieldPath: fieldPath('groupConcurrency'),
    },
  ],
  chunkBounds: [
    {
      rule: `${bytes('multipartMinChunkSize')} <= ${bytes('multipartMaxChunkSize')}`,
      fieldPath: fieldPath('multipartMinChunkSize'),
    },
  ],
  cleanupAge: [
    {
      rule: `${duration('cleanupAfter')} > ${duration('uploadMaxDuration')}`,
      fieldPath: fieldPath('cleanupAfter'),
    },
  ],
  objectStoreTarget: [
    {
      rule: `${value('objectStoreDriver')} == 's3' ? ${value('s3Bucket')} != '' : ${value('objectStoreDirectory')} != ''`,
      fieldPath: '.objectStore',
    },
  ],
};
