/** Time for the local cloud: the machine's clock, or virtual time, in which hours pass in milliseconds. All of local/ uses it. */

export interface Time {
  /** Epoch milliseconds, which never go back. */
  now(): number;
  /** Runs once, `ms` from now; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Virtual time stands still while a real wait (a database over a socket, a child process) is under way. Real time: the promise itself. */
  hold<T>(waiting: Promise<T>): Promise<T>;
}

export interface VirtualTime extends Time {
  /** Runs all that falls due, in order, until `done` is true or `until` (epoch ms) is reached or nothing is left to happen. */
  run(options?: { done?: () => boolean; until?: number }): Promise<void>;
}

export const sleep = (time: Time, ms: number): Promise<void> =>
  new Promise((resolve) => {
    time.after(ms, resolve);
  });

const longestTimer = 2 ** 31 - 1;

/**
 * The machine's clock when it began, and what has passed since: the machine's clock may step back or forward meanwhile (a person, NTP,
 * a suspended laptop), and every time-out, health check and metric period is measured by the difference of two of these. It begins
 * `notBefore` at the earliest, so that what an earlier process has written stays the past.
 */
export const realTime = (notBefore = 0): Time => {
  const began = Math.max(Date.now(), notBefore) - performance.now();
  return {
    now: () => Math.round(began + performance.now()),
    after: (ms, run) => {
      const due = performance.now() + ms;
      // setTimeout fires at once beyond 24.8 days.
      const wait = (): NodeJS.Timeout => {
        const left = due - performance.now();
        return left > longestTimer
          ? setTimeout(() => (timer = wait()), longestTimer)
          : setTimeout(run, Math.max(0, left));
      };
      let timer = wait();
      return () => clearTimeout(timer);
    },
    hold: (waiting) => waiting,
  };
};

interface Due {
  at: number;
  order: number;
  run: (() => void) | null;
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap: thousands of timers come and go in one rehearsed day. */
const heap = () => {
  const items: Due[] = [];
  const at = (index: number): Due => items[index] as Due;
  const swap = (a: number, b: number): void => {
    const kept = at(a);
    items[a] = at(b);
    items[b] = kept;
  };
  return {
    push: (due: Due): void => {
      let index = items.push(due) - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!before(at(index), at(parent))) break;
        swap(index, parent);
        index = parent;
      }
    },
    peek: (): Due | undefined => items[0],
    pop: (): Due | undefined => {
      const top = items[0];
      const last = items.pop();
      if (items.length === 0 || last === undefined) return top;
      items[0] = last;
      let index = 0;
      for (;;) {
        const left = 2 * index + 1;
        const right = left + 1;
        let least = index;
        if (left < items.length && before(at(left), at(least))) least = left;
        if (right < items.length && before(at(right), at(least))) least = right;
        if (least === index) return top;
        swap(index, least);
        index = least;
      }
    },
  };
};

const tick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * All promise work that can go on without a timer has gone on: Node runs a tick only when no promise job is left. Twice, because what
 * is logged goes through a stream, which uses a tick of its own.
 */
const settled = async (): Promise<void> => {
  await tick();
  await tick();
};

/** Timers between two turns of the real event loop, which others in this process wait for. */
const perTurn = 1000;

export const virtualTime = (start = Date.UTC(2026, 0, 5, 9)): VirtualTime => {
  const due = heap();
  let now = start;
  let order = 0;
  const held = new Set<Promise<unknown>>();
  return {
    now: () => now,
    after: (ms, run) => {
      // Whole milliseconds, as clocks tell them.
      const item: Due = { at: Math.ceil(now + Math.max(0, ms)), order: order++, run };
      due.push(item);
      return () => {
        item.run = null;
      };
    },
    hold: (waiting) => {
      held.add(waiting);
      const done = () => held.delete(waiting);
      waiting.then(done, done);
      return waiting;
    },
    run: async ({ done = () => false, until = Number.POSITIVE_INFINITY } = {}) => {
      for (let ran = 1; ; ran++) {
        await settled();
        if (ran % perTurn === 0) await turn();
        while (held.size > 0) {
          await Promise.race(held).catch(() => undefined);
          await turn();
        }
        if (done()) return;
        while (due.peek()?.run === null) due.pop();
        const next = due.peek();
        if (next === undefined || next.at > until) {
          if (until !== Number.POSITIVE_INFINITY) now = Math.max(now, until);
          return;
        }
        due.pop();
        now = next.at;
        next.run?.();
      }
    },
  };
};
