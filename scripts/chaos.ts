/** `npm run chaos`: plays thousands of rollouts with faults. Exit code 1 on a violation, 2 if the run broke off; see `--help`. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Played } from '../test/simulator/play.ts';
import type { Drawn } from '../test/simulator/scenario.ts';
import type { Told } from '../test/simulator/tally.ts';
import { breaksWith2, countOf, fail, optionsOf } from './options.ts';

const help = `npm run chaos -- [--seeds 1000] [--from 1] [--fleet both|instances|groups]
  Each seed is one rollout: an image, a policy, one to four faults, and in half of them up to four things that are
  done meanwhile: people and machines publish, abort, answer, and configure keys otherwise; all versions fail at
  once (test/simulator/acts.ts). Every change in the world is held to the ten rules; what may fail, and how long it
  may take, is test/simulator/faults.ts.
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

What it tells: each violation with its rule and the command that plays it again, faults left out that it does
not need; at the end how often each fault struck, how rollouts ended, and for how long each fault was unsafe.
From 1000 rollouts on, a fault, an outcome or an act that never occurred is a failure, too (an image that is refused is
rare: from 10,000 on), but not with --first.

Exit code 0: everything was played, and no rule was broken. 1: one was, or something never occurred. 2: it was
not asked for rightly, or it broke off: a worker crashed, or it was told to stop. That says nothing of the rules.
`;

const fleets = ['instances', 'groups'] as const;
type FleetKind = (typeof fleets)[number];

breaksWith2('chaos');

const values = optionsOf(
  {
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
  },
  help,
);

const fleetOfSeed = (seed: number): FleetKind => (seed % 2 === 1 ? 'instances' : 'groups');

const [seeds, from] = [countOf('seeds', values.seeds), countOf('from', values.from)];
const [cores, every] = [countOf('cores', values.cores), countOf('every', values.every)];
const replayed = values.replay === undefined ? undefined : countOf('replay', values.replay);
const kinds = fleets.filter((one) => values.fleet === 'both' || one === values.fleet);
if (kinds.length === 0) fail(`--fleet is both, ${fleets.join(' or ')}, not ${values.fleet}`);
// What kind of fleet stories have is read when they are loaded.
process.env.CUTOVER_FLEET = kinds.length === 1 ? kinds[0] : fleetOfSeed(replayed ?? 1);
const { play } = await import('../test/simulator/play.ts');
const { drawn, parseScenario } = await import('../test/simulator/scenario.ts');
const { parseFault } = await import('../test/simulator/faults.ts');
const { shrunk } = await import('../test/simulator/shrink.ts');
const { again, count, missing, newTally, tallyText, toldOf } = await import('../test/simulator/tally.ts');
const { casesOf, sweeps } = await import('../test/simulator/exhaustive.ts');

const sweep = sweeps.find((one) => one === values.exhaustive);
if (values.exhaustive !== undefined && sweep === undefined)
  fail(`--exhaustive is one of ${sweeps.join(', ')}, not ${values.exhaustive}`);

/** As it was asked for; a mistake is told without where in here it was found. */
const parsed = <T>(parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    return fail((error as Error).message);
  }
};
const scenario = parsed(() => (values.scenario === undefined ? undefined : parseScenario(values.scenario)));
const named = values.faults?.split(',').filter((one) => one !== 'none');
const faultsNamed = parsed(() => named?.map(parseFault));
if (faultsNamed !== undefined && replayed === undefined) fail('--faults are those of one rollout: name it by --replay');
if (scenario !== undefined && replayed === undefined && sweep === undefined)
  fail('--scenario is for --replay and --exhaustive: elsewhere each seed draws its own');

const replay = async (seed: number): Promise<void> => {
  const own = drawn(seed);
  const played = await play(
    seed,
    { scenario: scenario ?? own.scenario, faults: faultsNamed ?? own.faults },
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
  let toldToStop = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      toldToStop = true;
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
  /** By itself, and not with everything played. */
  let crashed = false;
  const endings = children.map(({ fleet, child }) => {
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(hear(fleet));
    });
    return new Promise<void>((resolve) =>
      child.on('close', (code, signal) => {
        const stopped = code === null && (child.killed || toldToStop);
        if (code !== 0 && !stopped) {
          crashed = true;
          const how = code === null ? `by ${signal}` : `with exit code ${code}`;
          console.error(`a worker on ${fleet} ended ${how} before it had played its share`);
        }
        resolve();
      }),
    );
  });
  await Promise.all(endings);
  console.log(`\non ${kinds.join(' and ')}, ${perCore()} a second and core: ${tallyText(tally)}`);
  const absent = sweep === undefined && !values.first ? missing(tally) : [];
  for (const { text } of absent) console.log(text);
  if (crashed) fail('it crashed, see above: what was not played may break any rule');
  if (toldToStop) fail('it was told to stop: what was not played may break any rule');
  if (tally.done === 0) fail('nothing was played');
  process.exitCode = tally.bad > 0 || absent.some(({ counts }) => counts) ? 1 : 0;
};

if (replayed !== undefined) await replay(replayed);
else await (values.part === undefined ? all() : work(values.part));
