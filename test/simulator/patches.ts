/** Two ways at least to break each of the ten rules, in the product's own sources: whatever looks after a rule has to notice them. */

/** Tests of a file that have `named` in their full name. */
export interface Tests {
  file: string;
  named: string;
  /** Vitest's project: what is no story is among the parts. */
  on: 'parts' | 'instances' | 'groups';
}

/** Who looks after the rules: chaos on a kind of fleet, or tests. */
export type Watcher = 'instances' | 'groups' | Tests;

export interface Edit {
  file: string;
  /** Stands there once, to the letter. */
  find: string;
  replace: string;
}

export interface Patch extends Edit {
  rule: `R${number}`;
  /** What is taken away, in words. */
  name: string;
  /** What has to go with it. */
  also?: Edit[];
  /** Where it shows; elsewhere it is not looked for. */
  by: Watcher[];
}

const model: Tests = { file: 'test/model/protocol.test.ts', named: 'has no flaw in any interleaving', on: 'parts' };
const story = (file: string, named: string, on: 'instances' | 'groups' = 'instances'): Tests => ({
  file: `test/scenarios/${file}.test.ts`,
  named,
  on,
});
const anywhere: Watcher[] = ['instances', 'groups', model];

export const patches: Patch[] = [
  {
    rule: 'R1',
    name: 'Shift sets the weight itself before anything is decided',
    file: 'pipeline/states/shift.ts',
    find: 'const decision = await ports.ledger.decide(plan.service, (current) =>',
    replace:
      'await ports.traffic.setWeights(service, { blue: 50, green: 50 });\n    const decision = await ports.ledger.decide(plan.service, (current) =>',
    by: anywhere,
  },
  {
    rule: 'R1',
    name: 'a row is written whatever has become of it since it was read',
    file: 'adapters/ledger/ledger.ts',
    find: "when: current?.version ?? 'absent' }",
    replace: "when: 'any' }",
    by: anywhere,
  },
  {
    rule: 'R1',
    name: 'a step acts whoever holds the service by now',
    file: 'pipeline/shared/enter-state.ts',
    find: "row?.lock.state !== 'held' || row.token !== token || row.plan === null",
    replace: "row?.lock.state !== 'held' || row.plan === null",
    by: anywhere,
  },
  {
    rule: 'R2',
    name: 'what was committed can be aborted',
    file: 'core/protocol/guards.ts',
    find: "row.phase === 'preparing' || row.phase === 'shifting' || row.phase === 'settling';",
    replace: "row.phase !== 'free' && row.phase !== 'rollingBack';",
    by: anywhere,
  },
  {
    rule: 'R2',
    name: 'a committed rollout that is followed is rolled back',
    file: 'pipeline/shared/continue-by-phase.ts',
    find: "return go(mine, 'Retire');",
    replace: "return go(mine, 'RollBack');",
    by: anywhere,
  },
  {
    rule: 'R2',
    name: 'the way back is measured by the number that is configured by now',
    file: 'pipeline/shared/demand.ts',
    find: "return kind === 'foreign' ? Math.max(count, inService(targets[slot]).length) : count;",
    replace:
      "if (kind === 'foreign') return Math.max(count, inService(targets[slot]).length);\n  return Math.max(count, (await configuredNow(ports, plan)).fleet.count);",
    by: [story('way-back', 'changes nothing of the way back after an abort: upfront, 4 to 8')],
  },
  {
    rule: 'R3',
    name: 'half the instances are taken to be enough',
    file: 'core/plan/capacity.ts',
    find: 'Math.ceil((demand * weight) / 100));',
    replace: 'Math.ceil((demand * weight) / 200));',
    by: anywhere,
  },
  {
    rule: 'R3',
    name: 'a weight is decided whatever the targets carry',
    file: 'core/protocol/guards.ts',
    find: 'step === row.step || (row.plan !== null && carries[row.plan.new.slot])',
    replace: 'step >= row.step || carries.blue',
    by: anywhere,
  },
  {
    rule: 'R3',
    name: 'an old fleet that has lost some makes room all the same',
    file: 'pipeline/shared/old-fleet.ts',
    find: 'isLate ? 0 : needed(demand, row.wanted.weights[slot])',
    replace: 'isLate ? 0 : needed(0, row.wanted.weights[slot])',
    by: anywhere,
  },
  {
    rule: 'R3',
    name: 'an abort gives an old fleet all traffic whatever it carries, and it never turns',
    file: 'core/protocol/weights.ts',
    find: 'carries !== undefined && !carries[old.slot] && carries[fresh.slot];',
    replace: 'carries?.[old.slot] === null;',
    also: [
      {
        file: 'core/protocol/guards.ts',
        find: 'return !carries[full] && carries[otherSlot(full)] ? undefined',
        replace: 'return carries[full] === null ? undefined',
      },
    ],
    // Two of an old fleet's four have to be lost within minutes of an abort: chaos hardly ever draws that.
    by: [model],
  },
  {
    rule: 'R3',
    name: 'an abort gives all traffic at once to an old fleet that has made room',
    file: 'core/protocol/weights.ts',
    find: "if (row.step > 0 && old.kind === 'ours' && holds)",
    replace: "if (row.step < 0 && old.kind === 'ours' && holds)",
    by: [story('max-extra', 'and it goes back, neither cap nor demand is missed')],
  },
  {
    rule: 'R3',
    name: 'a fleet that has all traffic on the way back, and is lost, is launched again by nobody',
    file: 'pipeline/states/discard.ts',
    find: 'await keepServing(ports, entered, targets, demand);',
    replace: '',
    by: [story('way-back', 'is launched again at once where it is lost')],
  },
  {
    rule: 'R3',
    name: 'the only slot that answers is condemned on the way back',
    file: 'core/protocol/guards.ts',
    find: '!answers[otherSlot(slot)]',
    replace: '!answers[slot]',
    by: [story('way-back', 'is launched again at once where it is lost')],
  },
  {
    rule: 'R4',
    name: 'nothing is waited for before a fleet goes',
    file: 'core/protocol/guards.ts',
    find: 'Math.max(0, Math.max(wanted.since, wanted.edited ?? 0) + settling - now);',
    replace: 'Math.max(0, Math.max(wanted.since, wanted.edited ?? 0) + settling - now) * 0;',
    by: anywhere,
  },
  {
    rule: 'R4',
    name: 'the rules are not read back',
    file: 'pipeline/shared/empty-slot.ts',
    find: '(await ports.traffic.rulesNaming(service)).filter(({ weights }) => weights[slot] > 0)',
    replace: '([] as { rule: string; weights: Record<Slot, number> }[]).filter(({ weights }) => weights[slot] > 0)',
    by: anywhere,
  },
  {
    rule: 'R4',
    name: 'instances are ended while they drain',
    file: 'adapters/aws/instances/instances-fleet.ts',
    find: 'if (there.length > 0) return { left: new Set([...standing, ...there]).size, draining: there.length };',
    replace: '',
    by: ['instances'],
  },
  {
    rule: 'R4',
    name: 'weights that are edited late are not written down as such',
    file: 'pipeline/shared/apply-weights.ts',
    find: 'if (now() < since + atOnce) return;',
    replace: 'if (now() > 0) return;',
    by: [
      story('recovery', 'weights edited minutes after their decision are waited for'),
      story('chaos', 'an old fleet that lost its weight long after that was decided goes when'),
    ],
  },
  {
    rule: 'R5',
    name: 'a repeated launch is another launch',
    file: 'adapters/aws/instances/launch.ts',
    find: 'after, incarnation, subnet]',
    replace: 'after, incarnation, subnet, Math.random()]',
    by: ['instances'],
  },
  {
    rule: 'R5',
    name: 'a group that is asked again for what it is launching is given one more',
    file: 'adapters/aws/groups/groups-fleet.ts',
    find: 'DesiredCapacity: Math.max(DesiredCapacity, count) }',
    replace: 'DesiredCapacity: Math.max(DesiredCapacity, count) + (inService(group).length < count ? 1 : 0) }',
    by: ['groups'],
  },
  {
    rule: 'R6',
    name: 'who waits is forgotten when a rollout ends',
    file: 'core/protocol/changes.ts',
    find: 'row: row.next === null ? freed : reserveNext(freed), records: [record]',
    replace: 'row: { ...freed, next: null }, records: [record]',
    by: [model],
  },
  {
    rule: 'R6',
    name: 'an image whose event is lost is found by nobody',
    file: 'pipeline/reconcile/missed-image.ts',
    find: 'if (newest === null) return [];',
    replace: 'if (newest !== undefined) return [];',
    by: anywhere,
  },
  {
    rule: 'R7',
    name: 'what stands before the forward action is dropped',
    file: 'adapters/aws/load-balancer/rule-actions.ts',
    find: '(rule.Actions ?? []).map((action) => {',
    replace: '(rule.Actions ?? []).filter((one) => one === forward.action).map((action) => {',
    by: anywhere,
  },
  {
    rule: 'R7',
    name: "a login's secret is not named as the one that is there",
    file: 'adapters/aws/load-balancer/rule-actions.ts',
    find: ', UseExistingClientSecret: true }',
    replace: ' }',
    by: anywhere,
  },
  {
    rule: 'R8',
    name: 'an alarm from before counts',
    file: 'core/analysis/evidence.ts',
    find: "if (alarm.state !== 'ALARM' || alarm.dataFrom < plan.at) return false;",
    replace: "if (alarm.state === 'ALARM') return true;",
    by: anywhere,
  },
  {
    rule: 'R8',
    name: "the new version is judged by the old one's errors",
    file: 'core/analysis/evidence.ts',
    find: 'limitEvidence(series[plan.new.slot],',
    replace: 'limitEvidence(series[plan.old.slot],',
    by: anywhere,
  },
  {
    rule: 'R9',
    name: 'nobody follows an execution that was stopped',
    file: 'pipeline/shared/recover.ts',
    find: "if (row.lock.state !== 'held') return { state: 'not needed' };",
    replace: "if (row.lock.state !== undefined) return { state: 'not needed' };",
    by: anywhere,
  },
  {
    rule: 'R9',
    name: 'a step that comes late starts another attempt',
    file: 'core/protocol/guards.ts',
    find: '(endedAt === null || publication.order > endedAt)',
    replace: '(endedAt === null || publication.order > 0)',
    by: [model],
  },
  {
    rule: 'R9',
    name: 'an execution that runs is followed by another',
    file: 'pipeline/shared/take-over.ts',
    find: "if ((await ports.executions.status(row.lock.execution)) === 'running')",
    replace: "if ((await ports.executions.status(row.lock.execution)) === 'absent')",
    by: anywhere,
  },
  {
    rule: 'R10',
    name: 'what a live fleet has lost is not replaced',
    file: 'pipeline/reconcile/reconcile.ts',
    find: '[unhealthyInstances, lostInstances, orphans];',
    replace: '[orphans];',
    by: anywhere,
  },
  {
    rule: 'R10',
    name: 'schedules stay suspended',
    file: 'adapters/aws/groups/groups-fleet.ts',
    find: 'if (runs === suspended.includes(schedules))',
    replace: 'if (runs && suspended.includes(schedules))',
    by: ['groups'],
  },
  {
    rule: 'R10',
    name: 'the way back insists on naming a target group that has no weight, which AWS refuses for good',
    file: 'pipeline/shared/apply-weights.ts',
    find: 'if (naming && refused !== undefined) throw refused;',
    replace: 'if (refused !== undefined) throw refused;',
    by: [story('way-back', 'holds no rollout up that has all its weights as they are to be')],
  },
  {
    rule: 'R10',
    name: 'an edit that AWS refuses for good ends the way back',
    file: 'pipeline/shared/return-weights.ts',
    find: 'if (!(error instanceof Rejected)) throw error;',
    replace: 'if (error instanceof Error) throw error;',
    by: [story('way-back', 'is recorded at once on the way back, and is done as soon as AWS takes it')],
  },
];
