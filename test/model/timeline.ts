/** Prints a counterexample: one line per turn, with the state after it. */

import { slots } from '../../core/basics/slot.ts';
import { holderOf } from '../../core/release/publications.ts';
import type { Found, Move } from './search.ts';
import type { World } from './world.ts';

const words: Record<string, string> = {
  Admit: 'Admit reads the row',
  'Admit.look': "looks at the holder's execution",
  'Admit.publish': 'publishes its own release',
  'Admit.decide': 'Admit decides',
  Provision: 'Provision reads the row',
  'Provision.ensure': 'launches',
  AwaitApproval: 'AwaitApproval begins',
  'AwaitApproval.park': 'parks',
  Shift: 'Shift looks at health',
  'Shift.decide': 'decides the weight',
  Bake: 'Bake begins',
  'Bake.park': 'parks',
  deadline: 'wakes by its deadline',
  Judge: 'Judge judges',
  HandOver: 'HandOver begins',
  'HandOver.decide': 'hands over',
  'HandOver.start': 'starts who goes on',
  Retire: 'Retire looks at health',
  'Retire.commit': 'commits',
  'Retire.ensure': 'launches what is short',
  Complete: 'Complete begins',
  'Complete.finish': 'finishes live',
  RollBack: 'RollBack looks at health',
  'RollBack.abort': 'aborts',
  'RollBack.turn': 'turns',
  'RollBack.answer': 'answers',
  'RollBack.grow': 'grows the slot that serves',
  Discard: 'Discard looks at health',
  'Discard.turn': 'turns',
  'Discard.condemn': 'condemns',
  'Discard.grow': 'grows the fleet that has the traffic',
  ReportFailure: 'ReportFailure reads row and record',
  'ReportFailure.finish': 'finishes failed',
  'apply.read': 'reads the weights to apply',
  'apply.rule1': 'sets rule 1',
  'apply.rule2': 'sets rule 2',
  'apply.check': 'reads the rules back',
  'apply.again': 'reads the row again',
  'remove.check': 'asks whether it is quiet',
  'remove.rules': "reads the slot's weights back",
  'remove.effect': 'removes',
  start: 'starts what is reserved',
  wake: 'wakes who is parked',
  alarm: 'goes off and looks at health',
  'alarm.abort': 'aborts',
  'Shift.ask': 'asks for approval',
  'Judge.ask': 'asks a person to decide',
  approve: 'sees who waits',
  'approve.signal': 'approves',
  reject: 'sees who is under way',
  'reject.signal': 'rejects',
  publish: 'publishes',
  'publish.acquire': 'acquires',
  'publish.aside': 'asks the holder to step aside',
  reconcile: 'looks around',
  'reconcile.acquire': 'acquires',
  'reconcile.ensure': 'replaces what the live fleet lacks',
  'reconcile.sweep': 'claims the idle slot',
  'reconcile.remove': 'empties it',
  'reconcile.look': "looks at the holder's execution",
  'reconcile.again': 'reserves again, or recovers',
};

const decisions = Object.keys(words).filter(
  (at) => /\.(decide|commit|finish|abort|turn|condemn|aside|acquire|again|signal)$/.test(at) && !at.startsWith('apply'),
);

/** Lines of one actor's turn each; a state's own words count once, however often it looped. */
export const timeline = ({ path, flaw }: Pick<Found<World>, 'path' | 'flaw'>): string => {
  let before: World['row'] | null = null;
  const turns: { who: string; what: string[]; to: World }[] = [];
  for (const { who, what, to } of path as Move<World>[]) {
    const inVain = decisions.includes(what) && JSON.stringify(to.row) === JSON.stringify(before);
    const said = `${words[what] ?? what}${inVain ? ' in vain' : ''}`;
    before = to.row;
    const last = turns.at(-1);
    if (last?.who !== who) turns.push({ who, what: [said], to });
    else {
      if (last.what.at(-1) !== said) last.what.push(said);
      last.to = to;
    }
  }
  const lines = turns.map(
    ({ who, what, to }) => `  ${who.padEnd(16)} ${what.join(', ')}\n${' '.repeat(19)}→ ${stands(to)}`,
  );
  return [...lines, `  ✗ ${flaw}`].join('\n');
};

const stands = ({ row, rules, fleets, records }: World): string => {
  const held = holderOf(row);
  const lock = held === null ? 'free' : `${row.lock.state} by ${held.release}-${held.attempt}`;
  const slotsNow = slots.map((slot) => `${slot} ${fleets[slot].replace('!!', ' (lost)').replace('!', ' (sick)')}`);
  return [
    `${lock}, ${row.phase}`,
    `green wanted ${row.wanted.weights.green} %`,
    `rules ${rules.join(' and ')} %`,
    ...slotsNow,
    ...(records.length === 0 ? [] : [`on record ${records.join(', ')}`]),
  ].join(' · ');
};
