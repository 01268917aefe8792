/** Task tokens. A token contains its owner, so that late and invented tokens are recognised without a list. */
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
