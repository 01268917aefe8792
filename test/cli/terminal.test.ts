/** What is written where, and what a failure becomes. */
import { expect, test } from 'vitest';
import { CheckFailed, failureOf, Interrupted } from '../../cli/failure.ts';
import { isNewEnough } from '../../cli/node-version.ts';
import { terminal } from '../../cli/terminal.ts';
import { Rejected, Transient } from '../../core/basics/errors.ts';
import { columnsOf } from '../../report/table.ts';

const kept = (isTTY: boolean) => {
  const written: string[] = [];
  return { written, output: { isTTY, columns: 60, write: (text: string) => written.push(text) } };
};

test('with --json only JSON is written', () => {
  const { written, output } = kept(true);
  const { say, status, data } = terminal(output, { json: true });
  say('a line');
  status('a status');
  data({ ok: true });
  expect(written).toEqual(['{\n  "ok": true\n}\n']);
});

test('into a file go neither colours nor lines that are drawn over', () => {
  const { written, output } = kept(false);
  const { say, status, style, data } = terminal(output);
  status('a status');
  say(style('red', 'a line'));
  data({ ok: true });
  expect(written).toEqual(['a line\n']);
});

test('the status line stays below what is said, and is cut to the width', () => {
  const { written, output } = kept(true);
  const { say, status } = terminal(output);
  status('x'.repeat(80));
  say('a line');
  status('');
  const clear = '\r\u001b[2K';
  const cut = `${'x'.repeat(58)}…`;
  expect(written).toEqual([`${clear}${cut}`, clear, 'a line\n', `${clear}${cut}`, clear]);
});

test('a dumb terminal gets neither colours nor lines that are drawn over', () => {
  const { written, output } = kept(true);
  const { say, status, style, redraws } = terminal(output, { environment: { TERM: 'dumb' } });
  status('a status');
  say(style('red', 'a line'));
  expect([redraws, written]).toEqual([false, ['a line\n']]);
});

test.each([
  [{}, '\u001b[31mred\u001b[39m'],
  [{ NO_COLOR: '' }, '\u001b[31mred\u001b[39m'],
  [{ NO_COLOR: '1' }, 'red'],
  [{ NO_COLOR: '1', FORCE_COLOR: '3' }, 'red'],
])('colours are shown unless NO_COLOR says something: %o', (environment, shown) => {
  expect(terminal(kept(true).output, { environment }).style('red', 'red')).toBe(shown);
  expect(terminal(kept(false).output, { environment }).style('red', 'red')).toBe('red');
});

test('columns are aligned by what is seen of them', () => {
  expect(
    columnsOf([
      ['a', 'bb'],
      ['\u001b[31mccc\u001b[39m', 'd'],
    ]),
  ).toEqual(['a    bb', '\u001b[31mccc\u001b[39m  d']);
});

test.each([
  [new Rejected('no such thing'), 2, ['cutover: no such thing']],
  [new Rejected('one\ntwo'), 2, ['cutover: one', 'cutover: two']],
  [new Transient('try again'), 1, ['cutover: try again']],
  [new TypeError('x is not\n  a function'), 1, ['cutover: x is not a function']],
  [new CheckFailed('not so'), 1, ['cutover: not so']],
  [
    Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }),
    2,
    ['cutover: no permission for it: use a folder that is yours, or correct its permissions'],
  ],
  [new Interrupted(), 130, []],
])('%s ends with its exit code', (error, code, lines) => {
  expect(failureOf(error)).toEqual({ code, lines });
});

test.each([
  ['20.20.2', false],
  ['22.13.0', false],
  ['22.18.0', true],
  ['23.5.0', false],
  ['23.6.0', true],
  ['24.0.0', true],
  ['26.1.0', true],
])('Node %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test('text from elsewhere moves no cursor and turns no line around; our own colours stay', () => {
  const { written, output } = kept(true);
  const { say, style, status } = terminal(output, { environment: { TERM: 'xterm' } });
  say(style('red', 'bad\u001b[1A\u001b[2K\u001b]0;title\u0007 \u202egood\u001b[8mhidden'));
  status('a\u001b[2Jb');
  expect(written).toEqual(['\u001b[31mbad goodhidden\u001b[39m\n', '\r\u001b[2Kab']);
  const programs = kept(false);
  terminal(programs.output, { json: true }).line({ text: 'a\u009b31m\u202e' });
  expect(programs.written).toEqual(['{"text":"a\\u009b31m\\u202e"}\n']);
});
