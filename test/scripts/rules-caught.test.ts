/** What `npm run rules` counts as noticed: a rule that was named, or an assertion; never a run that broke. */
import { describe, expect, test } from 'vitest';
import { type Ended, ofChaos, ofTests, type Report } from '../../scripts/rules-caught.ts';

const ended = (of: Partial<Ended>): Ended => ({ code: 0, out: '', err: '', late: false, ...of });

describe('a run of chaos', () => {
  const violation = '\n✗ seed 12\n  R4: too early\n  npm run chaos -- --replay 12\n';
  const clean = '\non groups, 9.9 a second and core: 20 rollouts, 0 with a violation\n';
  const found = { state: 'caught', what: 'R4: too early', seed: 12 };

  test.each<[string, Partial<Ended>, unknown]>([
    ['names a rule', { code: 1, out: violation }, found],
    ['names it after something else', { code: 1, out: violation.replace('  R4', '  it broke: x\n  R4') }, found],
    ['has played all of it', { out: clean }, { state: 'nothing' }],
  ])('that %s is a verdict', (_, of, verdict) => {
    expect(ofChaos(ended(of), 20)).toEqual(verdict);
  });

  test.each<[string, Partial<Ended>, string]>([
    ['was ended by its time', { code: null, out: violation, late: true }, 'when its time was over'],
    ['ended by its time tells so, and with 1', { code: 1, out: violation, late: true }, 'when its time was over'],
    ['was killed', { code: null, out: violation }, 'a signal'],
    ['crashed', { code: 2, out: violation, err: 'chaos itself broke: no memory\n' }, 'exit code 2: chaos itself broke'],
    ['fails without a rule', { code: 1, out: clean, err: 'a stack' }, 'exit code 1: a stack'],
    ['broke in a rollout', { code: 1, out: '✗ seed 3\n  it broke: x is undefined\n' }, 'it broke: x is undefined'],
    ['has played less than it was to', { out: clean.replace('20', '19') }, '19 of 20'],
    ['has played nothing', {}, '0 of 20'],
  ])('that %s is none', (_, of, why) => {
    expect(ofChaos(ended(of), 20)).toEqual({ state: 'failed', why: expect.stringContaining(why) });
  });
});

describe('a run of tests', () => {
  const report = (...messages: (string | null)[]): Report => ({
    testResults: [
      {
        assertionResults: messages.map((message) => ({
          status: message === null ? 'passed' : 'failed',
          title: 'it holds',
          failureMessages: message === null ? [] : [message],
        })),
      },
    ],
  });
  const assertion = 'AssertionError: expected 1 to be 2\n    at x';
  const late = 'TestTimeoutError: Test timed out in 90000ms.\n    at x';

  test.each<[string, Partial<Ended>, Report, unknown]>([
    ['an assertion fails', { code: 1 }, report(null, assertion), 'AssertionError: expected 1 to be 2'],
    ['beside a time limit', { code: 1 }, report(late, assertion), 'AssertionError: expected 1 to be 2'],
  ])('in which %s is caught', (_, of, written, what) => {
    expect(ofTests(ended(of), written)).toEqual({ state: 'caught', what, seed: null });
  });

  test('of the model check is told by what it has found', () => {
    const verdict = ofTests(ended({ code: 1, err: `"  a step\n  ✗ traffic is lost"` }), report(assertion));
    expect(verdict).toEqual({ state: 'caught', what: 'traffic is lost', seed: null });
  });

  test('that passes has found nothing', () => {
    expect(ofTests(ended({}), report(null, null))).toEqual({ state: 'nothing' });
  });

  test.each<[string, Partial<Ended>, Report | null, string]>([
    ['timed out', { code: 1 }, report(null, late), 'TestTimeoutError'],
    ['threw', { code: 1 }, report('Error: boom'), 'Error: boom'],
    ['was killed', { code: null }, report(assertion), 'a signal'],
    ['has no report', { code: 1, err: 'no memory' }, null, 'no memory'],
    ['has none of that name', { code: 0 }, report(), 'none has that name'],
    [
      'could not be loaded',
      { code: 1 },
      { testResults: [{ message: 'no module', assertionResults: [] }] },
      'no module',
    ],
    ['passed, and broke outside of any', { code: 1, err: 'Unhandled' }, report(null), 'Unhandled'],
  ])('that %s is none', (_, of, written, why) => {
    expect(ofTests(ended(of), written)).toEqual({ state: 'failed', why: expect.stringContaining(why) });
  });
});
