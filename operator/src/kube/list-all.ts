import { Gone } from './errors.ts';
import type { KubeList, KubeObject } from './objects.ts';
import type { ResourceType } from './resources.ts';
import type { KubeApi, ListOptions } from './rest.ts';

const PAGE_SIZE = 500;

/** How often a list is begun again because its token grew too old: the server compacts every 5 minutes. */
const MAX_RESTARTS = 3;

/**
 * Every object of a type, page by page; all pages show the same moment. A token that grew too old begins the list
 * again.
 */
export async function listAll<T extends KubeObject>(
  api: Pick<KubeApi, 'list'>,
  type: ResourceType,
  options: ListOptions = {},
): Promise<KubeList<T>> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await pages<T>(api, type, options);
    } catch (error) {
      if (!(error instanceof Gone) || restarts === MAX_RESTARTS) throw error;
    }
  }
}

async function pages<T extends KubeObject>(
  api: Pick<KubeApi, 'list'>,
  type: ResourceType,
  options: ListOptions,
): Promise<KubeList<T>> {
  let page = await api.list<T>(type, { limit: PAGE_SIZE, ...options });
  const items = [...page.items];
  while (page.metadata.continue) {
    // The token holds the version that the first page was asked for; to name one again is an error.
    const next = { ...options, resourceVersion: undefined, continue: page.metadata.continue };
    page = await api.list<T>(type, { limit: PAGE_SIZE, ...next });
    items.push(...page.items);
  }
  return { metadata: { resourceVersion: page.metadata.resourceVersion }, items };
}
