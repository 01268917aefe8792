/** What every command is given: where to write, where it stands, and how it learns of Ctrl-C. */
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { requireUtf8 } from './files.ts';
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
  /** Of the commands that work on a deployed pipeline, too. */
  stage?: string;
}

/** Where a command works: in the local cloud of a data folder, or on a deployed pipeline. */
export interface Place {
  data: string;
  /** As the user knows it. */
  shownData: string;
  /** `production`, or `app/production` where another app has deployed it; undefined: the local cloud. */
  stage: string | undefined;
}

/** What the global options of a command come to. */
export const globals = (
  context: Context,
  command: Command,
): { terminal: Terminal; data: string; shownData: string; place: Place } => {
  const { json = false, data: shownData, stage } = command.optsWithGlobals<GlobalOptions>();
  const data = requireUtf8(resolve(context.cwd, shownData), 'folder');
  return { terminal: terminal(context.output, { json }), data, shownData, place: { data, shownData, stage } };
};

/** The same command for a deployed pipeline. */
export const withStage = (command: Command): Command =>
  command.option(
    '--stage <name>',
    'the deployed pipeline to use, in your current AWS account (default: the local cloud)',
  );

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
