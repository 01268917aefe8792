/** Finds unhealthy instances of a live fleet, and tells the failure of one instance from a failure of all. */

/** An instance of the live release that runs or will run. */
export interface Member {
  id: string;
  launchedAt: number;
  /** Its state and reason at the load balancer; null: it is no target. */
  health: { state: string; reason: string | null } | null;
}

export type UnhealthyMembers =
  | { state: 'none' }
  /** Fewer than half are healthy. */
  | { state: 'most'; healthy: number }
  /** Oldest first. `booting`: for some others it is not known yet whether they serve. */
  | { state: 'some'; unhealthy: Member[]; booting: boolean };

const is =
  (state: string) =>
  ({ health }: Member): boolean =>
    health?.state === state;

/**
 * An instance launched since `booted` may still be starting. If at least half of `count` are healthy, an unhealthy one fails by itself: all
 * run the same image with the same dependencies. It gets no requests while others are healthy, so it can be replaced. If most are unhealthy,
 * they share a cause that new instances would share, too; and the load balancer may have no other targets to send requests to.
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
