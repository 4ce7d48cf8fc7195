import type { Built } from './built.ts';
import type { Kubectl } from './kubectl.ts';
import type { Node } from './objects.ts';

/** The images that are installed, by what they are for. */
export interface Images {
  readonly bundler: string;
  readonly operator: string;
  readonly gateway: string;
  readonly s3: string;
  readonly postgres: string;
  readonly redis: string;
}

/** A kubelet reports no more of its images than this, unless told otherwise. */
const REPORTED = 50;

/** The images that `make images` built, and a PostgreSQL and a Redis from those that the nodes have. */
export async function findImages(kubectl: Kubectl, built: Built, env: NodeJS.ProcessEnv): Promise<Images> {
  const nodes = await kubectl.list<Node>('nodes');
  const names = nodes.map(({ status }) => (status.images ?? []).flatMap((image) => image.names));
  const everywhere = (name: string) => names.every((ofNode) => ofNode.length >= REPORTED || ofNode.includes(name));
  const own = (name: string) => `${built.registry}/${name}:${built.tag}`;
  const images = {
    bundler: own('bundler'),
    operator: own('bundler-operator'),
    gateway: own('bundler-gateway'),
    s3: built.s3,
    postgres: env['E2E_POSTGRES_IMAGE'] ?? pick(names, 'postgres', 'docker.io/library/postgres:17'),
    redis: env['E2E_REDIS_IMAGE'] ?? pick(names, 'redis', 'docker.io/library/redis:7.2'),
  };
  const missing = Object.values(images).filter((name) => !everywhere(name));
  if (missing.length === 0) return images;
  throw new Error(
    `These images are not on every node: ${missing.join(', ')}. Run "make images" with an IMAGE_BUILDER that loads them, ` +
      'and load a PostgreSQL and a Redis (or name others in E2E_POSTGRES_IMAGE and E2E_REDIS_IMAGE).',
  );
}

/** The first image whose last part has that name, such as `registry/library/redis:7`. */
function pick(names: readonly string[][], wanted: string, otherwise: string): string {
  const fits = (name: string) => new RegExp(`(^|/)${wanted}:[^@/]+$`).test(name);
  return names.flat().find(fits) ?? otherwise;
}
