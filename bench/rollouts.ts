/** Whole canary rollouts in virtual time, per second on one core, and what memory they leave. */
import { createStory } from '../test/build.ts';

/** Rollouts per local cloud: a cloud of its own for each batch, as each test has, so that a ledger of years is not what is measured. */
const BATCH = 100;

const batch = async (count: number): Promise<void> => {
  let bytes = 0;
  // Four steps, 30 minutes of bakes, four instances, 1,000 requests a minute: the defaults.
  const story = await createStory({ rpm: 1000, onLog: (line) => (bytes += line.length) });
  for (let n = 0; n < count; n++) {
    story.push(`v${n}`);
    await story.rest();
  }
  const { live } = await story.row();
  if (live === null || bytes === 0) throw new Error('nothing went live');
  story.close();
};

const heap = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

/** Prints rollouts a second, and heap (after collection, when run with --expose-gc) and resident memory after 1,000 and after `total`. */
export const rolloutsBench = async (total = 10_000): Promise<void> => {
  await batch(20);
  let best = 0;
  let done = 0;
  const began = performance.now();
  let first = { heap: 0, rss: 0 };
  while (done < total) {
    const from = performance.now();
    await batch(BATCH);
    done += BATCH;
    best = Math.max(best, BATCH / ((performance.now() - from) / 1000));
    if (done === 1000) first = { heap: heap(), rss: process.memoryUsage().rss / 2 ** 20 };
  }
  const rate = done / ((performance.now() - began) / 1000);
  const last = { heap: heap(), rss: process.memoryUsage().rss / 2 ** 20 };
  const change = (100 * (last.rss - first.rss)) / first.rss;
  console.log(
    `whole rollouts, virtual time    ${rate.toFixed(0)} a second on one core (best batch of ${BATCH}: ${best.toFixed(0)})`,
  );
  console.log(
    `memory                          resident ${first.rss.toFixed(0)} MB after 1,000, ${last.rss.toFixed(0)} MB after ${done.toLocaleString('en')} (${change >= 0 ? '+' : ''}${change.toFixed(0)} %); heap ${first.heap.toFixed(0)} and ${last.heap.toFixed(0)} MB`,
  );
};
