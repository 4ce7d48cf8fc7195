/** One thing that was looked at. */
export interface Verdict {
  /** What must hold, as a sentence or as k6 writes it. */
  readonly name: string;
  readonly passed: boolean;
  /** What was seen. */
  readonly detail: string;
}

/** The text of a JUnit report. */
export function junit(suite: string, verdicts: readonly Verdict[]): string {
  const failures = verdicts.filter(({ passed }) => !passed).length;
  const cases = verdicts.map(({ name, passed, detail }) => {
    const open = `    <testcase classname="${escape(suite)}" name="${escape(name)}"`;
    const said = escape(detail);
    return passed
      ? `${open}>\n      <system-out>${said}</system-out>\n    </testcase>`
      : `${open}>\n      <failure message="${said}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${verdicts.length}" failures="${failures}">`,
    `  <testsuite name="${escape(suite)}" tests="${verdicts.length}" failures="${failures}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
