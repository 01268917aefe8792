/** Fixed seeds of what `npm run chaos` plays, watched at every step; and what it has found once, played again as it was found. */
import { describe, expect, it } from 'vitest';
import { kind } from '../build.ts';
import { faultText, parseFault } from '../simulator/faults.ts';
import { play } from '../simulator/play.ts';
import { parseScenario } from '../simulator/scenario.ts';

/** Fewer where only what is sent is of interest. */
const seeds = Number(process.env.CUTOVER_SEEDS ?? 1000);
const perTest = 50;

describe(`${seeds} rollouts with faults keep every rule and come to rest (R1–R10)`, () => {
  for (let first = 1; first <= seeds; first += perTest)
    it(`seeds ${first} to ${first + perTest - 1}`, async () => {
      const bad: unknown[] = [];
      for (let seed = first; seed < first + perTest; seed++) {
        const { violations, faults, scenario, outcome } = await play(seed);
        if (violations.length > 0) bad.push({ seed, scenario, faults: faults.map(faultText), outcome, violations });
      }
      expect(bad).toEqual([]);
    });
});

/** `on`: the kind of fleet that it was found on. */
interface Found {
  rule: string;
  what: string;
  on: typeof kind;
  seed: number;
  scenario: string;
  faults: string[];
}

const found: Found[] = [
  {
    rule: 'R10',
    what: 'a group that replaces an instance after commit is not taken for one whose demand has grown',
    on: 'groups',
    seed: 502,
    scenario: 'good/tight',
    faults: ['instanceDiesLater@launch:3'],
  },
  {
    rule: 'R3',
    what: 'a group that has lost an instance makes no room before it is whole again',
    on: 'groups',
    seed: 425,
    scenario: 'good/tight',
    faults: ['doubled@UpdateAutoScalingGroup:1', 'instanceDies@DescribeAutoScalingGroups:188'],
  },
  {
    rule: 'R3',
    what: 'instances that are on their way out are not registered again, nor do others go before there are enough',
    on: 'instances',
    seed: 868,
    scenario: 'good/tight',
    faults: ['instanceDies@DeregisterTargets:0'],
  },
  {
    rule: 'R3',
    what: 'what was launched in place of a lost instance serves before others make room',
    on: 'instances',
    seed: 2382,
    scenario: 'good/tight/login',
    faults: ['redriven@moment:83', 'instanceReclaimed@call:93'],
  },
  {
    rule: 'R2',
    what: 'programs that die after commit are replaced, as there is no way back',
    on: 'instances',
    seed: 725,
    scenario: 'good/atOnce',
    faults: ['instanceDiesLater@launch:1', 'instanceDiesLater@launch:3'],
  },
  {
    rule: 'R9',
    what: 'an old fleet that is condemned after all is not asked to grow while it goes',
    on: 'instances',
    seed: 2049,
    scenario: 'neverHealthy/tight/newer:432',
    faults: ['instanceDiesLater@launch:2'],
  },
  {
    rule: 'R4',
    what: 'an old fleet that lost its weight long after that was decided goes when the load balancer knows it',
    on: 'instances',
    seed: 1,
    scenario: 'quick/small',
    faults: ['zombie@call:0', 'zombie@call:63'],
  },
  {
    rule: 'R3',
    what: 'a program that has died in an old fleet does not keep it from making room, nor does another go in its place',
    on: 'instances',
    seed: 17471,
    scenario: 'good/tight/login/newer:559/long:24',
    faults: ['startedAnew@moment:35', 'instanceDiesLater@launch:2'],
  },
  {
    rule: 'R10',
    what: 'a live fleet all of which is lost in the second in which a rollout ends is launched again',
    on: 'instances',
    seed: 69947,
    scenario: 'good/pair/alarm:579/long:22',
    faults: ['startedAnew@moment:117', 'instanceReclaimed@call:168', 'zoneDies@call:220'],
  },
];

describe('found once', () => {
  for (const { rule, what, seed, scenario, faults } of found.filter((one) => one.on === kind))
    it(`${what} (${rule})`, async () => {
      const played = await play(seed, { scenario: parseScenario(scenario), faults: faults.map(parseFault) });
      expect(played.violations).toEqual([]);
    });
});
