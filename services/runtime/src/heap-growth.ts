import { setFlagsFromString } from 'node:v8';

/** How much the heap, and the buffers that it holds, may grow between two collections of all of it. */
const GROWTH_PERCENT = 200;

/**
 * Lets the heap treble before all of it is collected. V8 counts buffers into what has grown, and where little else is allocated it lets
 * grow as little as 8 MiB: some sixty bodies of 100 KiB, held for as long as a commit takes. An API then marked its whole heap again more
 * than once a second, a fifth of the CPU that such an upload cost. The price is memory: an API under that load holds some 25 MiB more
 * than by V8's own rule, of about 330.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
