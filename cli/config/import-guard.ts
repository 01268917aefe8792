/** Imports a user's module and turns every bad end into one sentence: an exit, a wait without an end, a thrown value that is no Error. */
import { Rejected } from '../../core/basics/errors.ts';

/** Seconds that a configuration may take to load. */
const longest = 15;

/** A thrown value of any kind as one line of bounded length. */
export const thrownText = (error: unknown): string => {
  const text = ((): string => {
    try {
      if (error instanceof Error && typeof error.message === 'string') return error.message;
      return `it threw ${typeof error === 'object' && error !== null ? 'an object that is no Error' : String(error)}`;
    } catch {
      return 'it threw something that cannot be printed';
    }
  })();
  return shortened(text.trim().replaceAll(/\s*\n\s*/g, ' '));
};

/** Nobody reads more. */
export const shortened = (text: string, most = 1000): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;

/** `process.exit` ends no command in the middle: it is the module's mistake, and said as one. */
export const guarded = async <T>(load: () => Promise<T>): Promise<T> => {
  const exit = process.exit;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    process.exit = ((code?: number) => {
      const why = new Rejected({
        problem: `it calls process.exit(${code ?? ''})`,
        remedy: 'export the configuration, and exit nowhere',
      });
      reject(why);
      throw why;
    }) as typeof process.exit;
    timer = setTimeout(
      () =>
        reject(
          new Rejected({
            problem: `it has not finished loading after ${longest} seconds`,
            remedy: 'an await in it never ends: read what it needs from a file, or wait for less',
          }),
        ),
      longest * 1000,
    );
  });
  try {
    return await Promise.race([load(), ended]);
  } finally {
    clearTimeout(timer);
    process.exit = exit;
  }
};
