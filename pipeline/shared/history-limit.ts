/** Limits the length of an execution's history: after enough steps, the rollout continues in another execution. */

/** A step and its wait are at most 13 events. So the rollout continues elsewhere from 15,000 events on; Step Functions would end it at 25,000. */
export const longestHistory = 1150;
