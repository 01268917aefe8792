/** A claim of the demo, and whether it was so. */
import type { Terminal } from '../terminal.ts';

export interface Claim {
  claim: string;
  ok: boolean;
  /** Not so, on a machine that was too busy to tell. */
  unmeasured?: boolean;
}

export const claimText = (terminal: Terminal, { claim, ok, unmeasured = false }: Claim): string =>
  unmeasured
    ? `${terminal.style('yellow', '?')}    ${claim}: not measured, this machine is too busy`
    : ok
      ? `${terminal.style('green', 'yes')}  ${claim}`
      : `${terminal.style('red', 'NO')}   ${claim}`;
