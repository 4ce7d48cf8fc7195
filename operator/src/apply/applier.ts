import { FieldConflict, type KubeApi, nameOf, orUndefined, refOf } from '../kube/index.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { differences } from '../plan/differences.ts';
import { hashOf } from '../render/hash.ts';
import type { Clock } from '../runtime/clock.ts';
import { FIELD_MANAGER, HANDOFF_MANAGER } from './field-manager.ts';
import { writersOf } from './field-owners.ts';
import { adoption, type Owner, objectionTo, owned } from './ownership.ts';
import { project } from './projection.ts';
import { handoffBefore } from './replicas.ts';

/** An object stands in the way of a manifest and belongs to somebody else. */
export class NotOurs extends Error {}

export interface ApplyRequest {
  readonly manifest: KubeObject;
  readonly owner: Owner;
  /** The object as last seen; undefined when it was not. */
  readonly seen: Stored | undefined;
  /** Objects of others may be taken over. */
  readonly adopt: boolean;
}

/** What came of applying one manifest. */
export interface Applied {
  readonly result: 'created' | 'changed' | 'unchanged' | 'skipped' | 'fought';
  /** Somebody had changed what is ours. */
  readonly drift?: Drift;
  /** Managers whose fields were taken over. */
  readonly takenFrom?: readonly string[];
}

export interface Drift {
  /** What was set right, as paths; `DELETED` when all of it was gone. */
  readonly fields: readonly string[];
  /** Who had written that, as the API server noted it; empty when it did not. */
  readonly managers: readonly string[];
}

/** What stands for all fields of an object that is gone. */
export const DELETED = 'deleted';

interface Memo {
  readonly uid: string;
  /** Of the manifest that was applied. */
  readonly hash: string;
  /** What the object said about the manifest's fields right after. */
  readonly projection: string;
  /** The version of the object that was last seen to say so. */
  version: string;
  /** When drift was corrected, monotonic milliseconds. */
  readonly corrections: readonly number[];
}

/** An object that is changed back this often within this time is left alone for as long: two that fight help nobody. */
const [MAX_CORRECTIONS, FIGHT_MS] = [3, 300_000];
/** One that is deleted as often is made anew all the same, this much apart: without it nothing serves. */
const DELETED_MS = 30_000;

/** Brings manifests to the API server by server-side apply, and asks it for nothing while nothing has changed. */
export class Applier {
  readonly #api: KubeApi;
  readonly #clock: Clock;
  /** By owner, then by object. */
  readonly #memos = new Map<string, Map<string, Memo>>();
  readonly #hashes = new WeakMap<KubeObject, string>();

  constructor(api: KubeApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  async apply(request: ApplyRequest): Promise<Applied> {
    const { manifest, seen } = request;
    const memo = this.#memos.get(request.owner.uid)?.get(nameOf(refOf(manifest)));
    const hash = this.#hashOf(manifest);
    const same = memo?.hash === hash ? memo : undefined;
    if (same && isAsLeft(same, manifest, seen)) return { result: 'skipped' };
    // What was seen may be older than what was written: before anything is called drift, the API server is asked.
    const live = await orUndefined(this.#api.get(refOf(manifest)));
    if (same && isAsLeft(same, manifest, live)) return { result: 'skipped' };
    if (live) await this.#claim(request, live);
    if (!same) return this.#write(request, live, []);

    const drift = driftOf(same, manifest, live);
    const now = this.#clock.now();
    const recent = same.corrections.filter((at) => now - at < FIGHT_MS);
    const patience = drift.fields[0] === DELETED ? DELETED_MS : FIGHT_MS;
    if (recent.length >= MAX_CORRECTIONS && now - (recent.at(-1) ?? 0) < patience) return { result: 'fought', drift };
    const applied = await this.#write(request, live, [...recent, now]);
    return applied.result === 'unchanged' ? applied : { ...applied, drift };
  }

  /** A manifest that has not changed is the same object as before. */
  #hashOf(manifest: KubeObject): string {
    const hash = this.#hashes.get(manifest) ?? hashOf(manifest);
    this.#hashes.set(manifest, hash);
    return hash;
  }

  /** Forgets what is known of the objects of an owner. */
  forget({ uid }: Pick<Owner, 'uid'>): void {
    this.#memos.delete(uid);
  }

  /** Forgets an owner's objects beside these: every version brings a Job of its own. */
  keepOnly({ uid }: Pick<Owner, 'uid'>, manifests: readonly KubeObject[]): void {
    const memos = this.#memos.get(uid);
    const names = new Set(manifests.map((manifest) => nameOf(refOf(manifest))));
    for (const name of memos?.keys() ?? []) if (!names.has(name)) memos?.delete(name);
  }

  #remember({ manifest, owner }: ApplyRequest, memo: Memo): void {
    const memos = this.#memos.get(owner.uid) ?? new Map<string, Memo>();
    this.#memos.set(owner.uid, memos.set(nameOf(refOf(manifest)), memo));
  }

  async #claim({ manifest, owner, adopt }: ApplyRequest, live: Stored): Promise<void> {
    const objection = objectionTo(live, owner);
    if (objection === undefined) return;
    if (!adopt) {
      throw new NotOurs(
        `${nameOf(refOf(manifest))} exists and is left as it is, because ${objection}; delete it, or let it be taken over with the annotation bundler.permaweb.dev/adopt: "true"`,
      );
    }
    const patch = adoption(live);
    if (patch) await this.#api.patch(refOf(live), patch, { fieldManager: FIELD_MANAGER });
  }

  async #write(request: ApplyRequest, live: Stored | undefined, corrections: readonly number[]): Promise<Applied> {
    const { manifest, owner } = request;
    const handoff = handoffBefore(manifest, live);
    if (handoff) await this.#api.apply(handoff, { fieldManager: HANDOFF_MANAGER, force: true });
    const object = owned(manifest, owner);
    const { stored, takenFrom } = await this.#applyOrTake(object);
    this.#remember(request, {
      uid: stored.metadata.uid,
      hash: this.#hashOf(manifest),
      projection: JSON.stringify(project(manifest, stored)),
      version: stored.metadata.resourceVersion,
      corrections,
    });
    const result = !live ? 'created' : changed(live, stored) ? 'changed' : 'unchanged';
    return { result, ...(takenFrom.length > 0 && { takenFrom }) };
  }

  /** First without force: who owned what we take is worth knowing. */
  async #applyOrTake(object: KubeObject): Promise<{ stored: Stored; takenFrom: string[] }> {
    try {
      return { stored: await this.#api.apply(object, { fieldManager: FIELD_MANAGER }), takenFrom: [] };
    } catch (error) {
      if (!(error instanceof FieldConflict)) throw error;
      const stored = await this.#api.apply(object, { fieldManager: FIELD_MANAGER, force: true });
      const owners = error.owners.map(({ manager }) => manager).filter((manager) => manager !== HANDOFF_MANAGER);
      return { stored, takenFrom: [...new Set(owners)] };
    }
  }
}

const changed = (before: Stored, after: Stored): boolean =>
  before.metadata.resourceVersion !== after.metadata.resourceVersion;

function isAsLeft(memo: Memo, manifest: KubeObject, live: Stored | undefined): boolean {
  if (live === undefined || live.metadata.uid !== memo.uid) return false;
  if (live.metadata.resourceVersion === memo.version) return true;
  if (JSON.stringify(project(manifest, live)) !== memo.projection) return false;
  memo.version = live.metadata.resourceVersion;
  return true;
}

function driftOf(memo: Memo, manifest: KubeObject, live: Stored | undefined): Drift {
  if (!live || live.metadata.uid !== memo.uid) return { fields: [DELETED], managers: [] };
  const fields = differences(JSON.parse(memo.projection), project(manifest, live)).map(({ path }) => path);
  return { fields, managers: writersOf(fields, live.metadata.managedFields ?? [], [FIELD_MANAGER, HANDOFF_MANAGER]) };
}
