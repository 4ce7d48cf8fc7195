import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface LabelMatcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** One place in a query where series are asked for. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
  /** The innermost aggregation around it. */
  readonly aggregation: string | undefined;
}

/** What a query asks for, and what it groups and matches by. */
export interface ReadQuery {
  readonly selectors: readonly Selector[];
  readonly groupedBy: readonly string[];
}

/** What Grafana would put in the place of its variables. */
const substituted = (query: string): string =>
  query.replaceAll(/\$__(rate_interval|range|interval)/g, '5m').replaceAll(/\$\{?\w+\}?/g, 'any');

/** Reads a query. @throws Error where it is no PromQL */
export function readQuery(query: string): ReadQuery {
  const text = substituted(query);
  const selectors: Selector[] = [];
  const groupedBy = new Set<string>();
  parser.parse(text).iterate({
    enter: ({ name, node }) => {
      if (node.type.isError) throw new Error(`no PromQL at "${text.slice(node.from, node.from + 20)}" in: ${text}`);
      if (name === 'VectorSelector') selectors.push(readSelector(node, text));
      if (name === 'GroupingLabels') for (const label of labelsIn(node, text)) groupedBy.add(label);
    },
  });
  return { selectors, groupedBy: [...groupedBy] };
}

function readSelector(node: SyntaxNode, text: string): Selector {
  const identifier = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: identifier ? text.slice(identifier.from, identifier.to) : '',
    matchers: matchers.map((matcher) => readMatcher(matcher, text)),
    aggregation: aggregationAround(node, text),
  };
}

function readMatcher(node: SyntaxNode, text: string): LabelMatcher {
  const [label = '', operator = '', value = '""'] = ['LabelName', 'MatchOp', 'StringLiteral'].map((kind) => {
    const child = node.getChild(kind);
    return child ? text.slice(child.from, child.to) : undefined;
  });
  return { label, operator, value: JSON.parse(value) as string };
}

function aggregationAround(node: SyntaxNode, text: string): string | undefined {
  for (let at = node.parent; at !== null; at = at.parent) {
    const operator = at.name === 'AggregateExpr' ? at.getChild('AggregateOp') : null;
    if (operator) return text.slice(operator.from, operator.to);
  }
  return undefined;
}

function labelsIn(node: SyntaxNode, text: string): string[] {
  return node.getChildren('LabelName').map(({ from, to }) => text.slice(from, to));
}
