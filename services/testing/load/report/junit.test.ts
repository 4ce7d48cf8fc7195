import { junit } from '@bundler/k6/junit';

describe('a JUnit report', () => {
  it('counts what failed, and says what was seen', () => {
    const text = junit('smoke client', [
      { name: 'a threshold', passed: true, detail: 'p(99) is 12' },
      { name: 'a check', passed: false, detail: '3 of 4' },
    ]);
    expect(text).toContain('<testsuite name="smoke client" tests="2" failures="1">');
    expect(text).toContain('<system-out>p(99) is 12</system-out>');
    expect(text).toContain('<failure message="3 of 4"/>');
  });

  it('survives names with characters of XML', () => {
    expect(junit('s', [{ name: 'p(99)<1000 & "more"', passed: true, detail: 'a<b' }])).toContain(
      'name="p(99)&lt;1000 &amp; &quot;more&quot;"',
    );
  });
});
