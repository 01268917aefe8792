/** Finds unhealthy instances of a live fleet, and tells the fault of one instance from a fault of all. */

/** An instance of the live release that runs, or will. */
export interface Member {
  id: string;
  launchedAt: number;
  /** What the load balancer says of it, and why; null: it is no target. */
  health: { state: string; reason: string | null } | null;
}

export type UnhealthyMembers =
  | { state: 'none' }
  /** Fewer than half are healthy. */
  | { state: 'most'; healthy: number }
  /** Oldest first. `booting`: of others it is not known yet whether they serve. */
  | { state: 'some'; unhealthy: Member[]; booting: boolean };

const is =
  (state: string) =>
  ({ health }: Member): boolean =>
    health?.state === state;

/**
 * Who has been launched since `booted` may still be on its way. Where at least half of the `count` are healthy, an unhealthy one is ill by
 * itself: they all run the same image, on the same dependencies. It gets no requests, as a load balancer sends none to the unhealthy while
 * others are healthy, and the others carry on while it is replaced. Where most are unhealthy, it is something that they share, which new
 * instances would share, too; and the load balancer may have nobody left to send to but those.
 *
 *     4 of 4: 1 unhealthy → some      2 unhealthy → some      3 unhealthy → most      1 of 1 unhealthy → most
 */
export const unhealthyMembers = (members: readonly Member[], count: number, booted: number): UnhealthyMembers => {
  const healthy = members.filter(is('healthy')).length;
  const isBooting = ({ launchedAt }: Member): boolean => launchedAt >= booted;
  const unhealthy = members.filter((one) => is('unhealthy')(one) && !isBooting(one));
  if (unhealthy.length === 0) return { state: 'none' };
  if (healthy * 2 < count) return { state: 'most', healthy };
  const booting = members.some((one) => isBooting(one) && !is('healthy')(one));
  return { state: 'some', unhealthy: unhealthy.toSorted((a, b) => a.launchedAt - b.launchedAt), booting };
};
