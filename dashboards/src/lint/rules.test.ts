import { settings } from '@bundler/contract';
import { alerts } from '../alerts/index.ts';
import { annotationsOf, ruleLabels } from '../files/annotations.ts';
import { sloRules } from '../slo/rules.ts';
import { problemsOf } from './problems.ts';

const rules = alerts.flatMap((alert) => alert.rules.map((rule) => ({ alert, rule })));

describe('the check of queries', () => {
  it.each([
    ['sum(rate(upload_request_total[5m]))', 'there is no metric upload_request_total'],
    ['max by (queue) (queue_depth{qeue="plan"})', 'queue_depth has no label qeue'],
    ['sum(rate(upload_requests_total{outcome="okay"}[5m]))', 'upload_requests_total has no outcome="okay"'],
    ['sum(rate(upload_requests_total{outcome=~"ok|fine"}[5m]))', 'upload_requests_total has no outcome="fine"'],
    ['max by (pool) (queue_depth)', 'no series in it has the label pool'],
    [
      'sum(queue_depth)',
      'queue_depth is reported by several processes of the same thing: read it with max, never with sum',
    ],
    [
      'sum by (queue) (queue_depth{queue="$queue"} > 5)',
      'queue_depth is reported by several processes of the same thing: read it with max, never with sum',
    ],
  ])('finds what is wrong with %s', (query, problem) => {
    expect(problemsOf(query)).toEqual([problem]);
  });

  it('refuses what is no PromQL', () => {
    expect(() => problemsOf('sum(rate(')).toThrow('no PromQL');
  });
});

describe('the rules', () => {
  it.each(rules.map(({ alert, rule }) => [alert.name, rule.expr.text] as const))(
    'of %s ask for series and labels that there are: %s',
    (_, query) => {
      expect(problemsOf(query)).toEqual([]);
    },
  );

  it.each(
    Object.values(sloRules)
      .flat()
      .map(({ record, expr, labels }) => [record, labels['slo'], expr.text] as const),
  )('that record %s of %s do so too: %s', (_, _slo, query) => {
    expect(problemsOf(query)).toEqual([]);
  });

  it('print labels that are there', () => {
    const missing = rules.flatMap(({ alert, rule }) => {
      const texts = Object.values(annotationsOf(alert, rule)).join(' ');
      const named = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? '');
      return named.filter((label) => !rule.expr.labels.includes(label)).map((label) => `${alert.name}: ${label}`);
    });
    expect(missing).toEqual([]);
  });

  it('tell the value that was measured, in a form for people where it may have many digits', () => {
    const silent = rules.filter(({ alert, rule }) => {
      const { description } = annotationsOf(alert, rule);
      return !description.includes('$value') && !(rule.labels?.['reason'] === 'gone');
    });
    expect(silent.map(({ alert }) => alert.name)).toEqual([]);
  });

  it('have no value in a label, which would make a new alert of every change', () => {
    const labels = rules.flatMap(({ alert, rule }) => Object.values(ruleLabels(alert, rule)));
    expect(labels.filter((label) => label.includes('$'))).toEqual([]);
  });

  it('are proven with series that there are', () => {
    const given = rules.flatMap(({ rule }) => {
      const { fires, silent, ceases } = rule.proof;
      return [...fires, ...(silent === 'never' ? [] : silent.flat()), ...(ceases?.given ?? [])];
    });
    const problems = new Set(given.flatMap(([series]) => problemsOf(series)));
    expect([...problems]).toEqual([]);
  });
});

describe('the pages of alerts', () => {
  it('name settings that there are', () => {
    const named = alerts.flatMap(({ runbook }) => runbook.settings ?? []);
    expect(named.filter((name) => !Object.hasOwn(settings, name))).toEqual([]);
  });

  it('say something in every part', () => {
    for (const { name, runbook } of alerts) {
      const { meaning, impact, look, mitigation } = runbook;
      const empty = [meaning, impact, ...look.flatMap(({ why, run }) => [why, run]), ...mitigation].filter(
        (text) => text.trim() === '',
      );
      expect({ name, empty, look: look.length > 0, mitigation: mitigation.length > 0 }).toEqual({
        name,
        empty: [],
        look: true,
        mitigation: true,
      });
    }
  });
});
