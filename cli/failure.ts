/** What a failure becomes at the command line: one line on standard error, and an exit code. */
import { CommanderError } from 'commander';
import { messageOf, Rejected } from '../core/basics/errors.ts';
import { shortened } from './config/import-guard.ts';
import { surroundingsText } from './system-error.ts';

export const exitCodes = { done: 0, failed: 1, mistake: 2, interrupted: 130 } as const;

/** The user's mistake in several lines: each is a finding of its own. */
export const mistakes = (lines: readonly string[]): Rejected => new Rejected(lines.join('\n'));

/** Ctrl-C. What was begun has been cleaned up. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** `error: unknown command 'statsu'\n(Did you mean status?)` → `unknown command 'statsu'; did you mean status?` */
const sentence = (message: string): string =>
  message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*\(Did you mean (.+)\?\)\s*$/s, '; did you mean $1?')
    .replaceAll(/\s*\n\s*/g, ' ');

/** What was to be shown was not so: the answer has been written, and the exit code says it too. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}

/** It ended otherwise than was hoped for, and which way is the answer: an exit code of the command's own. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** In characters: a reason within it has been cut already. */
const longestLine = 2000;

export const failureOf = (error: unknown): { code: number; lines: string[] } => {
  if (error instanceof Interrupted) return { code: exitCodes.interrupted, lines: [] };
  if (error instanceof CommanderError)
    // A group of commands without one of them has shown its help: that says it all.
    return error.exitCode === 0 || error.code === 'commander.help'
      ? { code: exitCodes.done, lines: [] }
      : { code: exitCodes.mistake, lines: [`cutover: ${sentence(error.message)}`] };
  const message = messageOf(error);
  if (error instanceof Rejected)
    return {
      code: exitCodes.mistake,
      lines: message.split('\n').map((line) => `cutover: ${shortened(line, longestLine)}`),
    };
  if (error instanceof Ended) return { code: error.exitCode, lines: [`cutover: ${message}`] };
  const surroundings = surroundingsText(error);
  if (surroundings !== null) return { code: exitCodes.mistake, lines: [`cutover: ${surroundings}`] };
  const said = `cutover: ${shortened(message.replaceAll(/\s*\n\s*/g, ' '), longestLine)}`;
  const stack = process.env.CUTOVER_DEBUG !== undefined && error instanceof Error ? [error.stack ?? ''] : [];
  return { code: exitCodes.failed, lines: [said, ...stack] };
};
