import { Document, isCollection, isPair, visit } from 'yaml';

/**
 * A Kubernetes object as a YAML file. What holds no further objects stands on one line: a schema with a line for each
 * word would be half as long again, and a client-side apply keeps a copy of it in an annotation.
 *
 * @param notice the first line, without its `#`
 */
export function yamlFile(notice: string, ...objects: readonly unknown[]): string {
  // Through JSON: what the API server gets holds neither functions nor symbols.
  return objects.map((object, index) => `${index === 0 ? `# ${notice}\n` : '---\n'}${print(object)}`).join('');
}

function print(object: unknown): string {
  const document = new Document(JSON.parse(JSON.stringify(object)), { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, collection) => {
      if (JSON.stringify(collection).length <= ONE_LINE || !collection.items.some(holdsCollections))
        collection.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** How long an object may be, in JSON, to stand on one line with the objects that it holds. */
const ONE_LINE = 1000;

const holdsCollections = (item: unknown): boolean => isCollection(isPair(item) ? item.value : item);
