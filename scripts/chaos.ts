/** `npm run chaos`: rollouts with faults by the thousand, on all cores; exit code 1 on a violation. `--help` tells the rest. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Played } from '../test/chaos/play.ts';
import type { Drawn } from '../test/chaos/scenario.ts';
import type { Told } from '../test/chaos/tally.ts';

const help = `npm run chaos -- [--seeds 1000] [--from 1] [--fleet both|instances|groups]
  Each seed is one rollout: an image, a policy, one to four faults, and perhaps what a person does. Every
  change in the world is held to the ten rules; what may fail, and how long it may take, is test/chaos/faults.ts.
  Of both kinds of fleet, odd seeds play numbered instances and even ones Auto Scaling groups.

npm run chaos -- --replay 17 [--fleet groups] [--scenario good/canary] [--faults zombie@ModifyRule:2,killed@call:40]
  One of them, told step by step. A violation prints the command that plays it again.

npm run chaos -- --exhaustive calls|pairs|stops [--every 10] [--scenario good/canary]
  calls   each call, invocation, launch and event of a rollout with each kind of fault
  pairs   each two calls of the smallest rollout, each lost, killed, throttled or late
  stops   stopped, crashed, redriven and started anew at each event of the execution's history
  --every 10 plays one in ten of them.

  --first   ends with the first violation
  --cores 2 uses so many; one for each kind of fleet at least
`;

const fleets = ['instances', 'groups'] as const;
type FleetKind = (typeof fleets)[number];

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    fleet: { type: 'string', default: 'both' },
    replay: { type: 'string' },
    scenario: { type: 'string' },
    faults: { type: 'string' },
    exhaustive: { type: 'string' },
    every: { type: 'string', default: '1' },
    first: { type: 'boolean', default: false },
    cores: { type: 'string', default: String(availableParallelism()) },
    // What a worker is told besides: which share of how many, and that the other kind of fleet plays every other seed.
    part: { type: 'string' },
    alternate: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

type Four = [number, number, number, number];

const fleetOfSeed = (seed: number): FleetKind => (seed % 2 === 1 ? 'instances' : 'groups');

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
const kinds = fleets.filter((one) => values.fleet === 'both' || one === values.fleet);
if (kinds.length === 0) fail(`--fleet is both, ${fleets.join(' or ')}`);
// What kind of fleet stories have is read when they are loaded.
process.env.CUTOVER_FLEET = kinds.length === 1 ? kinds[0] : fleetOfSeed(Number(values.replay ?? 1));
const { play } = await import('../test/chaos/play.ts');
const { drawn, parseScenario } = await import('../test/chaos/scenario.ts');
const { parseFault } = await import('../test/chaos/faults.ts');
const { shrunk } = await import('../test/chaos/shrink.ts');
const { again, count, missing, newTally, tallyText, toldOf } = await import('../test/chaos/tally.ts');
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
  unsafe: { seconds: 0, why: '' },
  decisions: { all: 0, untrue: 0 },
  events: 0,
  counts: new Map(),
});

/** One core's share: every so-manieth. */
const work = async (part: string): Promise<void> => {
  const [share = 0, shares = 1] = part.split('/').map(Number);
  const fleet = process.env.CUTOVER_FLEET;
  const all =
    sweep === undefined
      ? Array.from({ length: seeds }, (_, index) => from + index)
          .filter((seed) => !values.alternate || fleetOfSeed(seed) === fleet)
          .map((seed) => ({ seed, drawing: drawn(seed) }))
      : (await casesOf(sweep, scenario)).map((drawing) => ({ seed: 1, drawing }));
  const own = all.filter((_, index) => index % every === 0).filter((_, index) => index % shares === share);
  for (const { seed, drawing } of own) {
    const played = await play(seed, drawing).catch((error: Error) => broken(seed, drawing, error));
    const least = played.violations.length > 0 && !values.first ? await shrunk(played) : played;
    process.stdout.write(`${JSON.stringify(toldOf(least))}\n`);
  }
};

const all = async (): Promise<void> => {
  const tally = newTally();
  const shares = Math.ceil(cores / kinds.length);
  const workers = kinds.flatMap((fleet) => Array.from({ length: shares }, (_, share) => ({ fleet, share })));
  const children = workers.map(({ fleet, share }) => {
    const own = ['--fleet', fleet, '--part', `${share}/${shares}`, ...(kinds.length > 1 ? ['--alternate'] : [])];
    // Most of what a rollout allocates lives no longer than a rollout.
    const args = ['--max-semi-space-size=64', import.meta.filename, ...process.argv.slice(2), ...own];
    return { fleet, child: spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }) };
  });
  // What was played by then is told all the same.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      for (const { child } of children) child.kill();
    });
  const began = performance.now();
  const perCore = (): string =>
    (tally.done / ((performance.now() - began) / 1000) / Math.min(children.length, availableParallelism())).toFixed(1);
  const hear =
    (fleet: FleetKind) =>
    (line: string): void => {
      const told = JSON.parse(line) as Told;
      count(tally, told);
      if (told.violations.length > 0) {
        console.log(`\n✗ seed ${told.seed}\n  ${told.violations.join('\n  ')}\n  ${again(told, fleet)}`);
        if (values.first) for (const { child } of children) child.kill();
      }
      if (tally.done % 1000 === 0)
        console.log(`${tally.done} rollouts, ${tally.bad} with a violation, ${perCore()} a second and core`);
    };
  const codes = await Promise.all(
    children.map(({ fleet, child }) => {
      let rest = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(hear(fleet));
      });
      return new Promise<number | null>((resolve) => child.on('close', resolve));
    }),
  );
  console.log(`\non ${kinds.join(' and ')}, ${perCore()} a second and core: ${tallyText(tally)}`);
  const absent = sweep === undefined ? missing(tally) : [];
  if (absent.length > 0) console.log(`never seen: ${absent.join(', ')}`);
  const early = !values.first && codes.some((code) => code !== 0);
  if (early) console.log('a part of it ended early');
  process.exitCode = tally.bad > 0 || absent.length > 0 || early ? 1 : 0;
};

if (values.replay !== undefined) await replay(Number(values.replay));
else await (values.part === undefined ? all() : work(values.part));
