/** An execution's history may not grow without end: from a length on, the rollout goes on in another execution. */

/** A step and what waits beside it are 13 events of a history at most. From 15,000 on the rollout goes on in another; at 25,000 it would be ended. */
export const longestHistory = 1150;
