import { microTime } from './micro-time.ts';
import type { KubeObject, Stored } from './objects.ts';

/** coordination.k8s.io/v1. */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** The record with which `identity` takes or renews a lease. */
export function heldBy(identity: string, now: Date, durationMs: number, before: LeaseSpec = {}): LeaseSpec {
  const stamp = microTime(now);
  const same = before.holderIdentity === identity;
  const transitions = before.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: durationMs / 1000,
    acquireTime: same ? (before.acquireTime ?? stamp) : stamp,
    renewTime: stamp,
    leaseTransitions: same || before.holderIdentity === undefined ? transitions : transitions + 1,
  };
}

/** The record that tells everybody that the lease is free, so that nobody needs to wait for its end. */
export function released(now: Date, before: LeaseSpec = {}): LeaseSpec {
  const stamp = microTime(now);
  const { leaseTransitions = 0 } = before;
  return { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: stamp, renewTime: stamp, leaseTransitions };
}

/** A lease as last seen, and when by our own clock it last changed. */
export interface Sighting {
  readonly lease: Stored<Lease>;
  readonly at: number;
}

/** What was seen, now that `lease` was read: its time counts from when it last changed. */
export function sight(lease: Stored<Lease>, now: number, before: Sighting | undefined): Sighting {
  const same = before?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
  return { lease, at: same ? before.at : now };
}

/**
 * True when `identity` may take it. The stamps inside are never compared with our clock: those were written by
 * another machine's. It has ended when it did not change for its whole duration, as measured here.
 */
export function isFree({ lease, at }: Sighting, identity: string, now: number, durationMs: number): boolean {
  const { holderIdentity, leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (!holderIdentity || holderIdentity === identity) return true;
  return now >= at + Math.max(durationMs, leaseDurationSeconds * 1000);
}
