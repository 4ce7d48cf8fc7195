import { Document, isCollection, isPair, type Node, visit } from 'yaml';

/**
 * Kubernetes objects as a YAML file in few words: what holds no further objects stands on one line, and so does what is
 * short; the rest is indented by one space. A schema with a line for each word would be half as long again, and a client-side
 * apply keeps a copy of it in an annotation.
 *
 * @param notice the first line, without its `#`
 */
export function yamlFile(notice: string, ...objects: readonly unknown[]): string {
  return file(notice, objects, 1, (collection, json) => json.length <= ONE_LINE || !holdsCollections(collection));
}

/** The same for people who read differences: only what is plain and short stands on one line. */
export function readableYamlFile(notice: string, ...objects: readonly unknown[]): string {
  return file(notice, objects, 2, (collection, json) => json.length <= SHORT && !holdsCollections(collection));
}

/** How long an object may be, in JSON, to stand on one line with the objects that it holds: a queue's settings just fit. */
const ONE_LINE = 2500;
/** How long a plain object may be to stand on one line, where a line is what differs. */
const SHORT = 100;

type OnOneLine = (collection: Node, json: string) => boolean;

function file(notice: string, objects: readonly unknown[], indent: number, onOneLine: OnOneLine): string {
  return objects
    .map((object, index) => `${index === 0 ? `# ${notice}\n` : '---\n'}${print(object, indent, onOneLine)}`)
    .join('');
}

function print(object: unknown, indent: number, onOneLine: OnOneLine): string {
  // Through JSON: what the API server gets holds neither functions nor symbols.
  const document = new Document(JSON.parse(JSON.stringify(object)), { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, collection) => {
      if (onOneLine(collection, JSON.stringify(collection))) collection.flow = true;
    },
  });
  return document.toString({ indent, lineWidth: 0, flowCollectionPadding: false });
}

const holdsCollections = (node: Node): boolean =>
  isCollection(node) && node.items.some((item) => isCollection(isPair(item) ? item.value : item));
