/** `npm run chaos`: rollouts with faults by the thousand, on all cores; exit code 1 on a violation. `--help` tells the rest. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Played } from '../test/chaos/play.ts';
import type { Drawn } from '../test/chaos/scenario.ts';
import type { Told } from '../test/chaos/tally.ts';

const help = `npm run chaos -- [--seeds 1000] [--from 1] [--fleet instances|groups]
  Each seed is one rollout: an image, a policy, one to four faults, and perhaps what a person does. Every
  change in the world is held to the ten rules; what may fail, and how long it may take, is test/chaos/faults.ts.

npm run chaos -- --replay 17 [--fleet groups] [--scenario good/canary] [--faults zombie@ModifyRule:2,killed@call:40]
  One of them, told step by step. A violation prints the command that plays it again.

npm run chaos -- --exhaustive calls|pairs|stops [--all] [--every 10] [--scenario good/canary]
  calls   each call, invocation, launch and event of a rollout with each kind of fault
  pairs   two calls, each lost, killed, throttled or late; 3000 are drawn, --all plays every one
  stops   stopped, crashed, redriven and started anew at each event of the execution's history
  --every 10 plays one in ten of them.

  --first   ends with the first violation
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    fleet: { type: 'string', default: 'instances' },
    replay: { type: 'string' },
    scenario: { type: 'string' },
    faults: { type: 'string' },
    exhaustive: { type: 'string' },
    all: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    first: { type: 'boolean', default: false },
    cores: { type: 'string', default: String(availableParallelism()) },
    part: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

type Four = [number, number, number, number];

const fail = (text: string): never => {
  console.error(`${text}\n\n${help}`);
  process.exit(2);
};

if (values.help) {
  console.log(help);
  process.exit(0);
}
const [seeds, from, cores, every] = [values.seeds, values.from, values.cores, values.every].map(Number) as Four;
if (![seeds, from, cores, every].every(Number.isInteger))
  fail('--seeds, --from, --cores and --every are whole numbers');
if (!['instances', 'groups'].includes(values.fleet)) fail('--fleet is instances or groups');
// What kind of fleet stories have is read when they are loaded.
process.env.CUTOVER_FLEET = values.fleet;
const { play } = await import('../test/chaos/play.ts');
const { drawn, parseScenario } = await import('../test/chaos/scenario.ts');
const { parseFault } = await import('../test/chaos/faults.ts');
const { shrunk } = await import('../test/chaos/shrink.ts');
const { again, count, missing, newTally, tallyText } = await import('../test/chaos/tally.ts');
const { casesOf, sweeps } = await import('../test/chaos/exhaustive.ts');

const sweep = sweeps.find((one) => one === values.exhaustive);
if (values.exhaustive !== undefined && sweep === undefined) fail(`--exhaustive is one of ${sweeps.join(', ')}`);
const scenario = values.scenario === undefined ? undefined : parseScenario(values.scenario);

const replay = async (seed: number): Promise<void> => {
  const own = drawn(seed);
  const faults = values.faults === undefined ? own.faults : values.faults.split(',').filter((one) => one !== 'none');
  const played = await play(
    seed,
    {
      scenario: scenario ?? own.scenario,
      faults: faults.map((one) => (typeof one === 'string' ? parseFault(one) : one)),
    },
    (seconds, text) => console.log(`${seconds.toFixed(1).padStart(9)}  ${text}`),
  );
  console.log(
    `\n${played.outcome}; ${played.violations.length === 0 ? 'no rule was broken' : played.violations.join('\n')}`,
  );
  process.exitCode = played.violations.length > 0 ? 1 : 0;
};

/** What threw through all that is meant to hold it. */
const broken = (seed: number, { scenario: of, faults }: Drawn, error: Error): Played => ({
  seed,
  scenario: of,
  faults,
  struck: faults.map((fault) => ({ fault, what: '' })),
  outcome: 'none',
  violations: [`it broke: ${error.stack ?? error.message}`],
  counts: new Map(),
});

/** One core's share: every so-manieth. */
const work = async (part: number): Promise<void> => {
  const listed = sweep === undefined ? [] : await casesOf(sweep, scenario ?? parseScenario('good/canary'), values.all);
  const cases = listed.filter((_, index) => index % every === 0);
  const many = sweep === undefined ? seeds : cases.length;
  for (let index = part; index < many; index += cores) {
    const seed = sweep === undefined ? from + index : 1;
    const drawing = cases[index] ?? drawn(seed);
    const played = await play(seed, drawing).catch((error: Error) => broken(seed, drawing, error));
    const least = played.violations.length > 0 && !values.first ? await shrunk(played) : played;
    const { scenario: of, outcome, violations } = least;
    const told: Told = { seed, scenario: of, outcome, violations, struck: least.struck.map(({ fault }) => fault) };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
};

const all = async (): Promise<void> => {
  const tally = newTally();
  const children = Array.from({ length: cores }, (_, part) =>
    // Most of what a rollout allocates lives no longer than a rollout.
    spawn(
      process.execPath,
      ['--max-semi-space-size=64', import.meta.filename, ...process.argv.slice(2), '--part', String(part)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    ),
  );
  const began = performance.now();
  const hear = (line: string): void => {
    const told = JSON.parse(line) as Told;
    count(tally, told);
    if (told.violations.length > 0) {
      console.log(`\n✗ seed ${told.seed}\n  ${told.violations.join('\n  ')}\n  ${again(told, values.fleet)}`);
      if (values.first) for (const child of children) child.kill();
    }
    const perSecond = tally.done / ((performance.now() - began) / 1000);
    if (tally.done % 1000 === 0)
      console.log(`${tally.done} rollouts, ${tally.bad} with a violation, ${perSecond.toFixed(0)} a second`);
  };
  const codes = await Promise.all(
    children.map((child) => {
      let rest = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(hear);
      });
      return new Promise<number | null>((resolve) => child.on('close', resolve));
    }),
  );
  console.log(`\non ${values.fleet}: ${tallyText(tally)}`);
  const absent = sweep === undefined && tally.done >= 1000 ? missing(tally) : [];
  if (absent.length > 0) console.log(`never seen: ${absent.join(', ')}`);
  const early = !values.first && codes.some((code) => code !== 0);
  if (early) console.log('a part of it ended early');
  process.exitCode = tally.bad > 0 || absent.length > 0 || early ? 1 : 0;
};

if (values.replay !== undefined) await replay(Number(values.replay));
else await (values.part === undefined ? all() : work(Number(values.part)));
