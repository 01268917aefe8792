/** What would go wrong, apart from what to do about it: people read both in one sentence, `cutover doctor` shows them one below the other. */

export interface Finding {
  problem: string;
  /** What the reader can do about it; empty where nothing is known to help. */
  remedy: string;
  /** Nobody could look, for want of a right: no fault of the account is known. */
  unseen?: true;
}

export const findingText = ({ problem, remedy }: Finding): string =>
  remedy === '' ? problem : `${problem}: ${remedy}`;
