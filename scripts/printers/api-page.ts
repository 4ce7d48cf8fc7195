import { code, page, table } from './markdown.ts';
import { openapi, paymentOpenapi } from './openapi.ts';
import type { Printer } from './printer.ts';

const introduction = `Every route, printed from the OpenAPI documents of the services. The documents themselves have the schemas of what is sent and
answered: [upload API](../../services/upload/openapi.json), [payment service](../../services/payment/openapi.json); each service
serves its own at \`/openapi.json\`. What goes wrong is answered with a text from [the errors](errors.md), whose code is the label in
metrics. Fields with a question mark may be missing. The routes of the upload API answer without their \`/v1\` as well.`;

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly description?: string;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

/** An OpenAPI document, as far as the page shows it. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The reference page of all routes. */
export const apiPage: Printer = {
  path: 'docs/reference/api.md',
  print: async () => {
    const documents = await Promise.all([openapi.print(), paymentOpenapi.print()]);
    const [upload, payment] = documents.map((text) => JSON.parse(text) as Document);
    return page('scripts/printers/api-page.ts', 'HTTP APIs', introduction, [
      '## Upload API',
      ...routes(upload!),
      '## Payment service',
      ...routes(payment!),
    ]);
  },
};

/** A section for each route; routes that differ in their paths alone share one. */
export function routes({ paths }: Document): string[] {
  const sections = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const text = describe(operation);
      sections.set(text, [...(sections.get(text) ?? []), `\`${method.toUpperCase()} ${path}\``]);
    }
  }
  return [...sections].flatMap(([text, titles]) => [
    `### ${titles[0]!.replaceAll('`', '')}`,
    ...(titles.length > 1 ? [`Also ${titles.slice(1).join(', ')}.`] : []),
    text,
  ]);
}

/** What a route does, takes and answers. */
function describe({ summary = '', description, parameters = [], requestBody, responses }: Operation): string {
  // A path's own token is spelled in its title.
  const named = parameters.filter((parameter) => parameter.description);
  const parts = [
    [summary, description].filter(Boolean).join('. ').replace(/\.?$/, '.'),
    ...(named.length > 0 ? [table(['Parameter', 'In', 'What it is'], named.map(parameterRow))] : []),
    ...(requestBody ? [`Body: ${Object.keys(requestBody.content).map(code).join(', ')}.`] : []),
    table(['Status', 'Answer', 'Fields'], Object.entries(responses).map(responseRow)),
  ];
  return parts.join('\n\n');
}

const parameterRow = ({ name, in: place, description = '' }: Parameter): string[] => [code(name), place, description];

function responseRow([status, { description, content = {} }]: [string, Operation['responses'][string]]): string[] {
  const [[type, body] = []] = Object.entries(content);
  const words = [
    description === 'Default Response' ? '' : description,
    type === 'application/json' ? '' : code(type ?? ''),
  ];
  return [status, words.filter(Boolean).join(' '), fieldsOf(body?.schema)];
}

/** The names of an object's fields; those that may be missing with a question mark. */
function fieldsOf({ properties = {}, required = [] }: Schema = {}): string {
  return Object.keys(properties)
    .map((name) => code(required.includes(name) ? name : `${name}?`))
    .join(', ');
}
