/** Task tokens: each says whose it is, so that a late or an invented one is told apart without remembering any. */
import type { Execution } from './execution.ts';

/** An opaque text of the length of a name. The same event never gives two tokens: a retry's differs. */
export const newToken = (execution: Execution, random: () => number): string =>
  Buffer.from(JSON.stringify([execution.name, execution.events.length, random()])).toString('base64url');

/** The execution's name, or nothing if this was never a token. */
export const ownerOf = (token: string): string | undefined => {
  try {
    const owner: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())[0];
    return typeof owner === 'string' ? owner : undefined;
  } catch {
    return undefined;
  }
};
