/** A problem and its remedy, kept apart: people read both in one sentence, `cutover doctor` prints them on two lines. */

export interface Finding {
  problem: string;
  /** What the reader can do about it. Empty if no remedy is known. */
  remedy: string;
  /** The check could not run because a permission is missing. It found nothing wrong in the account. */
  unseen?: true;
}

export const findingText = ({ problem, remedy }: Finding): string =>
  remedy === '' ? problem : `${problem}: ${remedy}`;
