/** Chooses the target of a request: a group by the rule's weights, then the group's targets in turn. */
export interface WeightedGroup {
  targetGroup: string;
  weight: number;
}

export interface Target {
  id: string;
  host: string;
  port: number;
  /** Gets no new request; those in flight finish. */
  draining: boolean;
  healthy: boolean;
}

/**
 * Smooth weighted round robin: over any 100 requests at 95/5 the second group gets exactly 5, spread evenly, where chance would give
 * a canary anything from none to a dozen. Null when no group has a weight.
 */
export const weightedChoice = (): ((groups: WeightedGroup[]) => string | null) => {
  let credits = new Map<string, number>();
  return (groups) => {
    // Made anew each time: a group that has lost its weight must not come back with old credit.
    const next = new Map<string, number>();
    let best: string | null = null;
    let most = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const { targetGroup: group, weight } of groups) {
      if (weight <= 0) continue;
      const credit = (credits.get(group) ?? 0) + weight;
      next.set(group, credit);
      total += weight;
      if (credit > most) [best, most] = [group, credit];
    }
    if (best !== null) next.set(best, most - total);
    credits = next;
    return best;
  };
};

/** The group's healthy targets in turn. With none healthy, all of them, as an ALB fails open; draining ones never. */
export const inTurn = (): ((group: string, targets: Target[]) => Target | undefined) => {
  const turns = new Map<string, number>();
  return (group, targets) => {
    const open = targets.filter((target) => !target.draining);
    const healthy = open.filter((target) => target.healthy);
    const candidates = healthy.length > 0 ? healthy : open;
    const turn = (turns.get(group) ?? 0) % Math.max(1, candidates.length);
    turns.set(group, turn + 1);
    return candidates[turn];
  };
};
