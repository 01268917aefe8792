/** A claim of the demo, and whether it was so. */
import type { Terminal } from '../terminal.ts';

export interface Claim {
  claim: string;
  ok: boolean;
}

export const claimText = (terminal: Terminal, { claim, ok }: Claim): string =>
  ok ? `${terminal.style('green', 'yes')}  ${claim}` : `${terminal.style('red', 'NO')}   ${claim}`;
