/** Plays all cells on all cores, and prints tables: medians, and for each policy that rolls good versions back too often, how often. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { formatRate } from '../../core/basics/format.ts';
import { markdownOf } from '../../report/table.ts';
import { type Done, days, faults, type Job, jobs, runs, traffics } from './cells.ts';
import { policies } from './policies.ts';

export type Results = Map<string, Done>;
const keyOf = (job: Job): string => JSON.stringify(job);

/** `progress` hears after each cell how many are done, of how many. */
export const runCells = async (progress: (done: number, of: number) => void = () => undefined): Promise<Results> => {
  const all = jobs();
  const results: Results = new Map();
  let next = 0;
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      let failed: (error: Error) => void = () => undefined;
      worker.on('error', (error) => failed(error));
      try {
        for (let job = all[next++]; job !== undefined; job = all[next++]) {
          const one = job;
          const result = await new Promise<Done>((resolve, reject) => {
            failed = reject;
            worker.once('message', resolve);
            worker.postMessage(one);
          });
          results.set(keyOf(one), result);
          progress(results.size, all.length);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  return results;
};

const of = (results: Results, job: Job): Done => results.get(keyOf(job)) as Done;

/** From there on a policy rolls back good versions too often to be compared with. */
const tooOften = 0.01;

const thousands = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

export interface Tables {
  policies: string;
  falseRollbacks: string;
  /** One per traffic. */
  cells: { traffic: number; table: string }[];
  summary: string;
}

export const tablesOf = (results: Results): Tables => {
  const wins = policies.map(() => 0);
  let [count, nobody] = [0, 0];
  const names = policies.map(({ name }) => name);
  const falseAt = (policy: number, traffic: number, day: number): number =>
    of(results, { kind: 'good', policy, traffic, day }).back;

  const cells = traffics.map((requests, traffic) => ({
    traffic: requests,
    table: markdownOf(
      ['the new version', ...names],
      faults.flatMap(({ name, latency }, fault) =>
        days.map((on, day) => {
          const found = policies.map((_, policy) => of(results, { kind: 'bad', policy, traffic, fault, day }));
          // Of one that is slow nothing fails: all that it answers is what users suffer.
          const harm = found.map((one) => (latency === 1 ? one.failed : one.served));
          const fair = policies.map((_, policy) => falseAt(policy, traffic, day) < tooOften);
          // Who never notices is not quick.
          const notices = found.map((one, policy) => fair[policy] === true && one.minutes !== null);
          const least = Math.min(...harm.filter((_, policy) => notices[policy]));
          if (least === Infinity) nobody++;
          count++;
          const row = harm.map((value, policy) => {
            const wins_ = notices[policy] === true && value === least;
            if (wins_) wins[policy] = (wins[policy] ?? 0) + 1;
            const { minutes } = found[policy] as Done;
            const text = minutes === null ? `${thousands(value)}, never` : `${thousands(value)}, ${minutes} min`;
            if (fair[policy] !== true) return `${text} *(${formatRate(falseAt(policy, traffic, day))})*`;
            return wins_ ? `**${text}**` : text;
          });
          return [on.name === '' ? name : `${name}, ${on.name}`, ...row];
        }),
      ),
    ),
  }));

  const falseRollbacks = markdownOf(
    ['a version that is as good', ...names],
    traffics.flatMap((requests, traffic) => [
      ...days.map((on, day) => [
        `${thousands(requests)} a minute${on.name === '' ? '' : `, ${on.name}`}`,
        ...policies.map((_, policy) => formatRate(falseAt(policy, traffic, day))),
      ]),
      ...days.flatMap((on, day) =>
        on.incident
          ? []
          : [
              [
                `${thousands(requests)} a minute${on.name === '' ? '' : `, ${on.name}`}, first weight for 24 hours`,
                ...policies.map((_, policy) => formatRate(of(results, { kind: 'day', policy, traffic, day }).back)),
              ],
            ],
      ),
    ]),
  );
  const others = policies.flatMap(({ name }, policy) =>
    policy > 0 && (wins[policy] ?? 0) > 0 ? [`${name} in ${wins[policy]}`] : [],
  );
  return {
    policies: markdownOf(
      ['policy', 'settings', 'from'],
      policies.map(({ name, settings, source }) => [name, settings, source]),
    ).replaceAll('--:', '---'),
    falseRollbacks,
    cells,
    summary: `Of ${count} cells, ${runs.bad} rollouts each, Cutover has the fewest failed requests (of slow versions: answers) in ${wins[0]}${others.length === 0 ? '' : `, ${others.join(', ')}`}. Policies that roll back 1 % or more of ${runs.good} good versions on such a day do not count. In ${nobody} cells no policy that counts notices the fault in most rollouts. A tie counts for both.`,
  };
};
