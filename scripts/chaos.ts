/** `npm run chaos -- --seeds 1000 [--from 1] [--fleet groups]`: rollouts with one to four faults each, on all cores; exit code 1 on a violation. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Played } from '../test/chaos/play.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    fleet: { type: 'string', default: 'instances' },
    part: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('npm run chaos -- [--seeds 1000] [--from 1] [--fleet instances|groups]');
  process.exit(0);
}
const [seeds, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isInteger(seeds) || !Number.isInteger(from) || !['instances', 'groups'].includes(values.fleet)) {
  console.error('expected --seeds and --from as whole numbers, and --fleet instances or groups');
  process.exit(2);
}
const cores = availableParallelism();

const tell = (played: Played): void => void process.stdout.write(`${JSON.stringify(played)}\n`);

/** One core's part: every so-manieth seed. */
const part = async (first: number): Promise<void> => {
  // What kind of fleet stories have is read when they are loaded.
  const { play } = await import('../test/chaos/play.ts');
  for (let seed = from + first; seed < from + seeds; seed += cores) tell(await play(seed));
};

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
const textOf = (counts: Map<string, number>): string =>
  [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, count]) => `${key} ${count}`)
    .join(', ');

const all = async (): Promise<void> => {
  const [outcomes, kinds, many] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  let [done, bad] = [0, 0];
  const hear = (line: string): void => {
    const { seed, image, outcome, violations, struck } = JSON.parse(line) as Played;
    add(outcomes, outcome);
    add(many, `${struck.length} struck`);
    for (const one of struck) add(kinds, one.split(' ')[0] as string);
    if (violations.length > 0) {
      bad++;
      console.log(`seed ${seed}, ${image}: ${violations.join('; ')}\n  ${struck.join('\n  ')}`);
      console.log(`  again: npm run chaos -- --seeds 1 --from ${seed} --fleet ${values.fleet}`);
    }
    if (++done % 1000 === 0) console.log(`${done} of ${seeds}, ${bad} with a violation`);
  };
  await Promise.all(
    Array.from({ length: Math.min(cores, seeds) }, async (_, index) => {
      const args = [import.meta.filename, ...process.argv.slice(2), '--part', String(index)];
      const child = spawn(process.execPath, args, {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, CUTOVER_FLEET: values.fleet },
      });
      let rest = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(hear);
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      if (code !== 0) throw new Error(`a part ended with ${code}`);
    }),
  );
  console.log(`${done} rollouts on ${values.fleet}: ${bad} with a violation`);
  console.log(`outcomes: ${textOf(outcomes)}`);
  console.log(`faults:   ${textOf(many)}; ${textOf(kinds)}`);
  process.exitCode = bad > 0 ? 1 : 0;
};

await (values.part === undefined ? all() : part(Number(values.part)));
