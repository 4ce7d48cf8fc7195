/** What becomes of the commands of a block: run against a platform, run against an API server, or only read. */
export type BlockKind = 'run' | 'cluster' | 'parse';

/** A fenced block of shell commands in a page. */
export interface Block {
  readonly kind: BlockKind;
  /** Path of the page, from the root of the repository. */
  readonly page: string;
  /** Line of its first command, from 1. */
  readonly line: number;
  readonly script: string;
}

const OPENING = /^```sh(?: (\S+))?$/;

/**
 * The blocks fenced as `sh run`, `sh cluster` and `sh` in a page. What else is fenced, or indented, is no block.
 *
 * @throws when a fence asks for something else, or is not closed: its commands would be run by nobody
 */
export function blocksOf(page: string, text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let fence = '';
  let opened: { readonly kind: BlockKind; readonly at: number; readonly indent: number } | undefined;
  for (const [index, indented] of lines.entries()) {
    // In a list a fence stands as far to the right as its entry.
    const line = indented.trim();
    const marks = /^`{3,}/.exec(line)?.[0];
    if (marks === undefined) continue;
    if (fence === '') {
      fence = marks;
      const opening = OPENING.exec(line);
      if (opening) {
        const kind = kindOf(opening[1], `${page}:${index + 1}`);
        opened = { kind, at: index + 1, indent: indented.search(/\S/) };
      }
    } else if (line === fence) {
      fence = '';
      if (opened) {
        const { kind, at, indent } = opened;
        const script = lines
          .slice(at, index)
          .map((inside) => inside.slice(indent))
          .join('\n');
        blocks.push({ kind, page, line: at + 1, script });
      }
      opened = undefined;
    }
  }
  if (fence !== '') throw new Error(`${page}: the last fence is not closed`);
  return blocks;
}

function kindOf(word: string | undefined, where: string): BlockKind {
  if (word === undefined) return 'parse';
  if (word === 'run' || word === 'cluster') return word;
  throw new Error(`${where}: a block is "sh run", "sh cluster" or "sh", but this one is "sh ${word}"`);
}

/** A block's script with the ports of the documentation replaced by those of a platform that runs elsewhere. */
export function atPorts(script: string, ports: Readonly<Record<number, number>>): string {
  return script.replaceAll(/\b127\.0\.0\.1:(\d+)/g, (all, port: string) =>
    ports[Number(port)] === undefined ? all : `127.0.0.1:${ports[Number(port)]}`,
  );
}
