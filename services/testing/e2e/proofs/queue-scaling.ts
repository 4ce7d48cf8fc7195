import { type Context, PLATFORM, type Proof } from '../kit/context.ts';
import type { Deployment, Pod } from '../kit/objects.ts';
import { POSTING, POSTING_COMPONENT, slowPosts } from '../kit/slow-posts.ts';
import { newItem, uploadOnce } from '../kit/traffic.ts';
import { until } from '../kit/until.ts';

const ITEMS = 1000;
const CLIENTS = 8;

async function upload(url: string): Promise<string[]> {
  const ids: string[] = [];
  const client = async (): Promise<void> => {
    while (ids.length < ITEMS) {
      const place = ids.push('') - 1;
      const item = await newItem();
      ids[place] = await until('a receipt', 60, () => uploadOnce(url, item));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return ids;
}

/** Watches the pods of the queue: how many there are, and whether one ended badly. */
class Watcher {
  most = 0;
  readonly seen = new Map<string, string>();
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async look(): Promise<number> {
    const selector = `app.kubernetes.io/instance=${PLATFORM},app.kubernetes.io/component=${POSTING_COMPONENT}`;
    const pods = await this.#context.kubectl.list<Pod>('pods', selector);
    for (const { metadata, status } of pods) {
      this.seen.set(metadata.uid, metadata.name);
      const restarts = status.containerStatuses?.[0]?.restartCount ?? 0;
      if (restarts > 0) throw new Error(`pod ${metadata.name} was restarted ${restarts} times`);
    }
    const { spec } = await this.#context.kubectl.get<Deployment>('deployment', POSTING);
    this.most = Math.max(this.most, spec.replicas);
    return spec.replicas;
  }
}

/** Every item once: in one bundle that did not fail, and on the chain in one place. */
async function countEffects({ platform }: Context, ids: readonly string[]): Promise<string> {
  const keys = ids.map((id) => Buffer.from(id, 'base64url'));
  const [row] = await platform.sql<{ permanent: number; bundles: number; items: number; failed: number }>(
    `select count(*) filter (where b.state = 'permanent')::int as permanent, count(distinct b.id)::int as bundles,
       count(*)::int as items, coalesce(sum(i.failed_bundles), 0)::int as failed
     from data_items i left join bundles b on b.id = i.bundle_id where i.id = any($1::bytea[])`,
    [keys],
  );
  if (row?.items !== ids.length || row.permanent !== ids.length) {
    throw new Error(`of ${ids.length} items SQL knows ${row?.items}, ${row?.permanent} of them permanent`);
  }
  const gateway = await platform.gatewayUrl();
  let twice = 0;
  for (const id of ids) {
    const places = (await (await fetch(`${gateway}/dev/items/${id}`)).json()) as unknown[];
    if (places.length !== 1) twice += 1;
  }
  if (twice > 0) throw new Error(`${twice} items are on the chain in a number of places other than one`);
  return `${row.items} items permanent in ${row.bundles} bundles, ${row.failed} tries failed, each on the chain once`;
}

/** A backlog brings workers, and its end takes them away, without one of them being stopped in mid-job. */
export const queueScaling: Proof = {
  title: '1,000 uploads with slow jobs scale the workers up and down',
  async run(context) {
    const { platform, say } = context;
    await slowPosts(context);
    const watcher = new Watcher(context);
    const before = await watcher.look();
    const ids = await upload(await platform.url());
    say(`${ids.length} uploads have their receipts; ${POSTING} has ${before} pods`);
    await until(`${POSTING} scales up`, 180, async () => (await watcher.look()) > before);
    await until(`all ${ids.length} items are permanent`, 420, async () => {
      await watcher.look();
      const keys = ids.map((id) => Buffer.from(id, 'base64url'));
      const [row] = await platform.sql<{ n: number }>(
        `select count(*)::int as n from data_items i join bundles b on b.id = i.bundle_id
         where b.state = 'permanent' and i.id = any($1::bytea[])`,
        [keys],
      );
      return row?.n === ids.length;
    });
    const effects = await countEffects(context, ids);
    await until(`${POSTING} scales down`, 300, async () => (await watcher.look()) === before);
    return `${before} → ${watcher.most} → ${before} pods (${[...watcher.seen.values()].join(', ')}), none restarted; ${effects}`;
  },
};
