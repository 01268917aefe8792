/** A rollout as it happens: states as they are entered, what the ledger says, instances that come and go, and where requests end up. */
import type { HistoryEvent } from '../core/history.ts';
import { count } from '../core/format.ts';
import { otherSlot, slots, type Slot } from '../core/row.ts';
import type { Ledger } from '../steps/ports.ts';
import type { Totals } from '../local/load.ts';
import type { World } from '../local/simulated/world.ts';
import { instanceLines, type Seen } from './live-instances.ts';
import { trafficLine } from './live-traffic.ts';
import type { Style, Terminal } from './terminal.ts';

/** How often everything is looked at, in milliseconds. */
const LOOK = 200;
/** States entered within so many milliseconds share a line. */
const GATHER = 900;
/** Where lines cannot be drawn over, traffic is told this often, in milliseconds, and whenever the weights have changed. */
const TRAFFIC = 5000;

/** States in which something happens; the others only lead there. */
const shownStates = new Set([
  'Admit',
  'Provision',
  'CheckReady',
  'Smoke',
  'AwaitApproval',
  'Shift',
  'Bake',
  'Judge',
  'Retire',
  'Complete',
  'RollBack',
  'Discard',
  'ReportFailure',
]);

const styles: Partial<Record<HistoryEvent['kind'], Style>> = {
  refused: 'yellow',
  superseded: 'yellow',
  waiting: 'yellow',
  aborted: 'red',
  problem: 'red',
};

export interface Live {
  /** A state of an execution is entered. */
  state(execution: string, state: string): void;
  /** Tells what is left to tell and stops looking. */
  close(): Promise<void>;
}

export interface LiveOptions {
  terminal: Terminal;
  world: World;
  ledger: Pick<Ledger, 'history' | 'services'>;
  /** Requests so far, where somebody counts them by version. */
  totals?: () => Totals;
}

/** Starts telling. Times are seconds since now. */
export const live = ({ terminal, world, ledger, totals }: LiveOptions): Live => {
  const began = Date.now();
  const told = new Set<string>();
  const labels = new Map<string, string>();
  const seen: Seen = new Map();
  let entered: string[] = [];
  let enteredAt = 0;
  let last = '';
  let traffic = { at: began, weights: '', totals: totals?.() };

  const say = (what: string, text: string, style?: Style): void => {
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6);
    const line = style === undefined ? text : terminal.style(style, text);
    terminal.say(`${terminal.style('dim', `${seconds} s`)}  ${terminal.style('cyan', what.padEnd(11))} ${line}`);
  };

  const tellStates = (): void => {
    if (entered.length > 0) say('states', terminal.style('dim', entered.join(' > ')));
    entered = [];
  };

  const tellEvent = (event: HistoryEvent): void => {
    const { id, kind, text, by, data = {}, release } = event;
    if (told.has(id)) return;
    told.add(id);
    const image = data.image as { label?: string } | undefined;
    const label = typeof data.label === 'string' ? data.label : image?.label;
    if (label !== undefined) labels.set(release, label);
    // The instances themselves are told of as they come.
    if (kind === 'launched') return;
    tellStates();
    const [first = '', ...more] = text.trimEnd().split('\n');
    const finished = kind === 'finished' ? (data.outcome === 'live' ? 'green' : 'red') : styles[kind];
    say(by, kind === 'evidence' && more.length > 0 ? `${first} (and ${count(more.length, 'more line')})` : first, finished);
  };

  const tellTraffic = (now: number): void => {
    if (totals === undefined) return;
    const [rule] = world.rules.keys();
    const weights = weightsText(world, rule);
    const current = totals();
    const line = trafficLine(current, traffic.totals, now - traffic.at);
    terminal.status(`${terminal.style('dim', weights)}  ${line}`);
    const changed = weights !== traffic.weights;
    if (!changed && now - traffic.at < (terminal.redraws ? 1000 : TRAFFIC)) return;
    // A line tells of the time before it, under the weights that were in force then.
    if (!terminal.redraws && traffic.weights !== '') say('traffic', `${traffic.weights}  ${line}`);
    traffic = { at: now, weights, totals: current };
  };

  const look = async (): Promise<void> => {
    const now = Date.now();
    for (const service of await ledger.services())
      for (const event of (await ledger.history(service, 50)).reverse()) tellEvent(event);
    for (const line of instanceLines(world, seen, (release) => labels.get(release) ?? release)) say('instances', line);
    if (entered.length > 0 && now - enteredAt > GATHER) tellStates();
    tellTraffic(now);
  };

  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error) => say('problem', String(error), 'red'));
  }, LOOK);

  return {
    state: (_, state) => {
      // Between two weights the machine goes round between Bake and Judge: one round is told.
      if (!shownStates.has(state) || state === last || (last === 'Judge' && state === 'Bake')) return;
      const round = state === 'Judge' && entered.length === 0 && last === 'Bake';
      last = state;
      if (round) return;
      if (entered.length === 0) enteredAt = Date.now();
      entered.push(state);
    },
    close: async () => {
      clearInterval(timer);
      await looking;
      await look().catch(() => undefined);
      tellStates();
      terminal.status('');
    },
  };
};

/** `blue 95 %, green 5 %`, as the load balancer routes now. */
const weightsText = (world: World, rule: string | undefined): string => {
  if (rule === undefined) return '';
  const weights = world.effectiveWeights(rule);
  const of = (slot: Slot): number => weights[slots.indexOf(slot)]?.weight ?? 0;
  const [first = 'blue'] = slots;
  return `${first} ${of(first)} %, ${otherSlot(first)} ${of(otherSlot(first))} %`;
};
