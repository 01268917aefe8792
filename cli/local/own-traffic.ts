/** Requests that `local up` sends by itself where there are no users: a steady rate to each service, through the load balancer. */
import { InvalidArgumentError } from 'commander';
import { type Load, load, type Totals } from '../../local/load.ts';
import { realTime } from '../../local/time.ts';

/** Requests a second to one service: more would measure this machine, not the program. */
const most = 1000;

/** `50rps`, `50/s` or `50`. */
export const parseRate = (text: string): number => {
  const rate = Number(/^(\d{1,5})\s*(rps|\/s)?$/.exec(text)?.[1]);
  if (rate >= 1 && rate <= most) return rate;
  throw new InvalidArgumentError(`expected requests a second from 1rps to ${most}rps, such as 50rps.`);
};

export type Counted = Pick<Totals, 'requests' | 'failed' | 'byVersion'>;

export interface OwnTraffic {
  totals(): Counted;
  /** Sends no more; resolves when what is in flight has ended. */
  stop(): Promise<Counted>;
}

/** How often a service that has no instance yet is asked, in milliseconds. */
const LOOK = 500;

const sum = (all: readonly Counted[]): Counted => {
  const total: Counted = { requests: 0, failed: 0, byVersion: {} };
  const versions = new Map<string, Counted['byVersion'][string]>();
  for (const { requests, failed, byVersion } of all) {
    total.requests += requests;
    total.failed += failed;
    for (const [version, one] of Object.entries(byVersion)) {
      const known = versions.get(version) ?? { requests: 0, failed: 0 };
      versions.set(version, { requests: known.requests + one.requests, failed: known.failed + one.failed });
    }
  }
  return { ...total, byVersion: Object.fromEntries(versions) };
};

/** Begins with a service when the first instance answers for it; `urls` may grow meanwhile. */
export const ownTraffic = (urls: Record<string, string[]>, perSecond: number): OwnTraffic => {
  const time = realTime();
  const loads = new Map<string, Load>();
  const answers = async (url: string): Promise<boolean> => {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => null);
    await response?.body?.cancel();
    return response !== null && response.status !== 503;
  };
  let stopped = false;
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    for (const [service, [url]] of Object.entries(urls))
      if (url !== undefined && !loads.has(service) && (await answers(url)) && !stopped)
        loads.set(service, load({ url, perSecond, time }));
    if (!stopped) cancel = time.after(LOOK, () => void look());
  };
  void look();
  return {
    totals: () => sum([...loads.values()].map((one) => one.totals())),
    stop: async () => {
      stopped = true;
      cancel();
      return sum(await Promise.all([...loads.values()].map((one) => one.stop())));
    },
  };
};
