import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Alert } from '../alerts/index.ts';
import { alertingGroup, type RuleGroup } from '../files/rules.ts';

/** A rule that was made wrong in one place. */
export interface Mutant {
  /** What was done to it, and where. */
  readonly change: string;
  readonly rule: Readonly<Record<string, unknown>>;
}

/** One rule of an alert, as its own proof is for it alone. */
export interface SingleRule {
  readonly alert: Alert;
  readonly group: RuleGroup;
  readonly mutants: readonly Mutant[];
}

/** Every rule of the alerts by itself, and all the ways to make it wrong. */
export function singleRulesOf(alerts: readonly Alert[]): SingleRule[] {
  return alerts.flatMap((alert) =>
    alert.rules.map((rule) => {
      const single = { ...alert, rules: [rule] as const };
      const group = alertingGroup(alert.name, [single]);
      return { alert: single, group, mutants: mutantsOf(group.rules[0] ?? {}) };
    }),
  );
}

const opposite: Readonly<Record<string, string>> = {
  '>': '<=',
  '>=': '<',
  '<': '>=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
};
const comparisons = new Set(['Gtr', 'Gte', 'Lss', 'Lte', 'Eql', 'Neq']);

/** Every way to make a rule wrong that its proof must notice: turned comparisons, other thresholds, lost conditions and times. */
function mutantsOf(rule: Readonly<Record<string, unknown>>): Mutant[] {
  const { expr } = rule;
  if (typeof expr !== 'string') return [];
  const changed = (change: string, fields: object): Mutant => ({ change, rule: { ...rule, ...fields } });
  const { for: time, keep_firing_for: kept, ...untimed } = rule;
  return [
    ...expressionMutants(expr).map(({ change, text }) => changed(change, { expr: text })),
    ...(typeof time !== 'string'
      ? []
      : [
          { change: 'without "for"', rule: { ...untimed, ...(kept === undefined ? {} : { keep_firing_for: kept }) } },
          changed('twice the "for"', { for: twice(time) }),
        ]),
    ...(kept === undefined
      ? []
      : [{ change: 'without "keep_firing_for"', rule: { ...untimed, ...(time === undefined ? {} : { for: time }) } }]),
  ];
}

const twice = (duration: string): string => `${Number.parseFloat(duration) * 2}${duration.at(-1)}`;

function expressionMutants(expr: string) {
  const mutants: { change: string; text: string }[] = [];
  const replaced = (from: number, to: number, by: string) => expr.slice(0, from) + by + expr.slice(to);
  parser.parse(expr).iterate({
    enter: ({ node }) => {
      if (node.name !== 'BinaryExpr') return;
      const [left, operator] = [node.firstChild, operatorOf(node)];
      if (!left || !operator) return;
      const at = expr.slice(operator.from, operator.to);
      const right = node.lastChild;
      if (comparisons.has(operator.name)) {
        const turned = opposite[at] ?? at;
        mutants.push({
          change: `"${at}" turned to "${turned}" at ${operator.from}`,
          text: replaced(operator.from, operator.to, turned),
        });
        for (const factor of [2, 0.5]) {
          const value = right?.name === 'NumberDurationLiteral' ? Number(expr.slice(right.from, right.to)) : 0;
          if (right && value !== 0)
            mutants.push({
              change: `${value} times ${factor} at ${right.from}`,
              text: replaced(right.from, right.to, String(value * factor)),
            });
        }
      }
      if (operator.name === 'And' || operator.name === 'Unless')
        mutants.push({
          change: `without what follows "${at}" at ${operator.from}`,
          text: replaced(left.to, node.to, ''),
        });
    },
  });
  return mutants;
}

/** The operator stands after the left side. */
const operatorOf = (node: SyntaxNode): SyntaxNode | null => node.firstChild?.nextSibling ?? null;
