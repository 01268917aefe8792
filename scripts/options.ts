/** Reads a script's options: `--help` prints them, and an unknown option is refused with a sentence. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../core/config/suggest.ts';

/** It could not be done, which is neither that something was found nor that nothing was: exit code 2. */
export const fail = (why: string): never => {
  console.error(why);
  process.exit(2);
};

/** Not 1, as a process that breaks has it by itself: that would be a finding. */
export const breaksWith2 = (name: string): void =>
  void process.on('uncaughtException', (error) => fail(`${name} itself broke: ${error.stack ?? error.message}`));

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>['values'];

const inWords = (error: Error & { code?: string }, known: string[]): string => {
  const [, said = ''] = /'([^']*)'/.exec(error.message) ?? [];
  if (error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return `nothing is expected without an option: ${said}`;
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return error.message;
  const meant = nearest(said.replace(/^-+/, ''), known);
  return `there is no option ${said}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
};

/** Ends the process where it is asked for help, or for what there is not. */
export const optionsOf = <const T extends Options>(options: T, help: string): Values<T> => {
  if (process.argv.slice(2).some((one) => one === '--help' || one === '-h')) {
    console.log(help.trimEnd());
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values as Values<T>;
  } catch (error) {
    return fail(`${inWords(error as Error, Object.keys(options))}\n--help tells what there is`);
  }
};

/** A whole number of at least 1: of nothing, nothing is found. */
export const countOf = (name: string, text: string): number => {
  const count = Number(text);
  return Number.isSafeInteger(count) && count >= 1
    ? count
    : fail(`--${name} is a whole number from 1 on, not ${text === '' ? 'nothing' : text}`);
};
