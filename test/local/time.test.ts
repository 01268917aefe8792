/** Real time while the machine's clock is set back or forward. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { realTime, sleep } from '../../local/time.ts';
import { balanced, saying, target, until } from './balanced.ts';

const hour = 3_600_000;

/** By how much the machine's clock is wrong. In place before any code takes hold of Date.now. */
let wrong = 0;
const step = (ms: number): void => {
  wrong = ms;
};
beforeEach(() => {
  step(0);
  vi.spyOn(Date, 'now').mockImplementation(() => Math.round(performance.timeOrigin + performance.now() + wrong));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('real time', () => {
  test('begins at the machine’s clock, in whole milliseconds', () => {
    step(-5 * hour);
    const earliest = Date.now();
    const { now } = realTime();
    const told = now();
    // Both are rounded to whole milliseconds.
    expect(told).toBeGreaterThanOrEqual(earliest - 1);
    expect(told).toBeLessThanOrEqual(Date.now() + 1);
    expect(Number.isInteger(now())).toBe(true);
  });

  test.each([-hour, hour])('goes on evenly when the clock steps by %i ms', async (by) => {
    const time = realTime();
    const began = performance.now();
    const before = time.now();
    step(by);
    await sleep(time, 50);
    const passed = time.now() - before;
    // Both ends are rounded to whole milliseconds, and a timer may fire one early.
    expect(passed).toBeGreaterThanOrEqual(47);
    expect(passed).toBeLessThanOrEqual(performance.now() - began + 2);
  });

  test('waits for longer than a timer can, whatever the clock says meanwhile', () => {
    vi.restoreAllMocks();
    vi.useFakeTimers();
    const time = realTime();
    let fired = false;
    const days = 40 * 24 * hour;
    time.after(days, () => {
      fired = true;
    });
    vi.setSystemTime(Date.now() - 100 * 24 * hour);
    vi.advanceTimersByTime(days - 1);
    expect(fired).toBe(false);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(true);
  });
});

test.each([-hour, hour])('targets are checked as before when the clock steps by %i ms', async (by) => {
  const checks = { blue: { path: '/', interval: 100 } };
  const { health } = await balanced({ blue: [await target('b', saying('1'))] }, {}, { checks });
  await until(() => expect(health.length).toBeGreaterThan(1));
  const before = health.length;
  const began = performance.now();
  step(by);
  await until(() => expect(health.length - before).toBeGreaterThan(2));
  // Checks begin at most once in an interval; one may have been under way.
  expect(health.length - before).toBeLessThanOrEqual((performance.now() - began) / 100 + 2);
});
