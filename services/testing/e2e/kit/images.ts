import type { Built } from './built.ts';
import type { Kubectl } from './kubectl.ts';
import type { Node } from './objects.ts';
import { until } from './until.ts';

/** The images that are installed, by what they are for. */
export interface Images {
  readonly bundler: string;
  readonly operator: string;
  readonly gateway: string;
  readonly s3: string;
  readonly k6: string;
  readonly postgres: string;
  readonly redis: string;
}

/** A kubelet reports no more of its images than this, unless told otherwise. */
const REPORTED = 50;
/** It reports new ones every ten seconds, and every minute where it is told to be quiet. */
const REPORT_SECONDS = 60;

/** The images that `make images` built, and a PostgreSQL and a Redis from those that the nodes have. */
export async function findImages(kubectl: Kubectl, built: Built, env: NodeJS.ProcessEnv): Promise<Images> {
  return until('The images are on every node', REPORT_SECONDS, async () => {
    const nodes = await kubectl.list<Node>('nodes');
    return chosen(
      nodes.map(({ status }) => (status.images ?? []).map((image) => image.names)),
      built,
      env,
    );
  });
}

/** @param nodes each node's images, by all their names */
function chosen(nodes: readonly (readonly (readonly string[])[])[], built: Built, env: NodeJS.ProcessEnv): Images {
  const names = nodes.flat(2);
  const own = (name: string) => `${built.registry}/${name}:${built.tag}`;
  const images = {
    bundler: own('bundler'),
    operator: own('bundler-operator'),
    gateway: own('bundler-gateway'),
    s3: built.s3,
    k6: built.k6,
    postgres: env['E2E_POSTGRES_IMAGE'] ?? pick(names, 'postgres', 'docker.io/library/postgres:17'),
    redis: env['E2E_REDIS_IMAGE'] ?? pick(names, 'redis', 'docker.io/library/redis:7.2'),
  };
  const lacks = (name: string) => nodes.some((node) => node.length < REPORTED && !node.flat().includes(name));
  const missing = Object.values(images).filter(lacks);
  if (missing.length === 0) return images;
  throw new Error(
    `missing are ${missing.join(', ')}. Run "make images" with an IMAGE_BUILDER that loads them, ` +
      'and load a PostgreSQL and a Redis (or name others in E2E_POSTGRES_IMAGE and E2E_REDIS_IMAGE)',
  );
}

/** The first image whose last part has that name, such as `registry/library/redis:7`. */
function pick(names: readonly string[], wanted: string, otherwise: string): string {
  return names.find((name) => new RegExp(`(^|/)${wanted}:[^@/]+$`).test(name)) ?? otherwise;
}
