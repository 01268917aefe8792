/** What every command is given: where to write, where it stands, and how it learns of Ctrl-C. */
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Output, type Terminal, terminal } from './terminal.ts';

export interface Context {
  output: Output;
  cwd: string;
  /** Aborted by Ctrl-C. */
  stop: AbortSignal;
}

/** The data folder, unless told. */
export const standardData = '.cutover';

export interface GlobalOptions {
  json?: boolean;
  data: string;
}

/** What the global options of a command come to. */
export const globals = (
  context: Context,
  command: Command,
): { terminal: Terminal; data: string; shownData: string } => {
  const { json = false, data } = command.optsWithGlobals<GlobalOptions>();
  return { terminal: terminal(context.output, { json }), data: resolve(context.cwd, data), shownData: data };
};

/** Who does this, for the ledger. A container may have no name for its user. */
export const person = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
};

/** Resolves after `ms`, or at once when the command is stopped. */
export const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    if (stop.aborted) end();
    else stop.addEventListener('abort', end);
  });
