/** What both versions did in a closed period of a rollout, as the ledger keeps it for people. */

export interface VersionFigures {
  requests: number;
  /** Answered with a 5xx, or not connected. */
  errors: number;
  /** Answers that took longer than each threshold of this version; absent where nobody measured. */
  slow?: number[];
}

export interface PeriodFigures {
  /** Where the period begins; epoch milliseconds. */
  at: number;
  /** Percent of the traffic that the new version had when the period ended. */
  weight: number;
  /** Null: nothing was measured in this period. */
  new: VersionFigures | null;
  old: VersionFigures | null;
  /** Decimal logarithm of the evidence that the new version is worse, at its highest so far: 2 is 100 to 1. Null: nothing was compared. */
  evidence: number | null;
}
