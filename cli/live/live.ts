/** A rollout as it happens: states as they are entered, what the ledger says, instances that come and go, and where requests end up. */
import type { HistoryEvent } from '../../core/release/history.ts';
import type { World } from '../../local/simulated/world.ts';
import type { Ledger } from '../../pipeline/ports/ledger.ts';
import type { Unfinished } from '../local/balancer-front.ts';
import type { Counted } from '../local/own-traffic.ts';
import type { Terminal } from '../terminal.ts';
import { eventLines, inOrder, inPassing, type Line, purposes } from './events.ts';
import { instanceLines, type Seen } from './instances.ts';
import { trafficLine, unfinishedLines, weightsText } from './traffic.ts';

/** How often everything is looked at, in milliseconds. */
const LOOK = 200;
/** Everything is told so many milliseconds late: in order, and a state not at all if an event of its own tells more by then. */
const PATIENCE = 300;
/** Where lines cannot be drawn over, traffic is told this often, in milliseconds, and whenever the weights have changed. */
const TRAFFIC = 5000;

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
  totals?: () => Counted | null;
  /** Answers that did not come to their end so far, and the deregistration delay in seconds that cuts some of them. */
  unfinished?: Unfinished;
  delay?: number;
}

/** Starts telling. Times are seconds since now. */
export const live = ({ terminal, world, ledger, totals, unfinished, delay = 0 }: LiveOptions): Live => {
  const { now: clock } = world.time;
  const began = clock();
  let counted = { ...unfinished };
  const told = new Set<string>();
  const labels = new Map<string, string>();
  const seen: Seen = new Map();
  let lines: Line[] = [];
  let entered: { state: string; at: number }[] = [];
  const last = new Map<string, string>();
  const linesOf = eventLines();
  let traffic: { at: number; weights: string; totals: Counted | null } = { at: began, weights: '', totals: null };

  const say = ({ at, by, text, style }: Line): void => {
    const seconds = ((at - began) / 1000).toFixed(1).padStart(6);
    const styled = style === undefined ? text : terminal.style(style, text);
    terminal.say(`${terminal.style('dim', `${seconds} s`)}  ${terminal.style('cyan', by.padEnd(13))} ${styled}`);
  };

  const news = async (): Promise<HistoryEvent[]> => {
    const events: HistoryEvent[] = [];
    // What an earlier run has told is history.
    for (const service of await ledger.services())
      for (const event of await ledger.history(service, 50))
        if (event.at >= began && !told.has(`${service} ${event.id}`)) {
          told.add(`${service} ${event.id}`);
          events.push(event);
        }
    return events.sort((a, b) => a.at - b.at);
  };

  const learn = ({ release, data = {} }: HistoryEvent): void => {
    const label = data.label ?? (data.image as { label?: unknown } | undefined)?.label;
    if (typeof label === 'string') labels.set(release, label);
  };

  /** What is old enough, in order. */
  const tell = (until: number): void => {
    entered = entered.filter(({ state }) => !lines.some(({ by }) => by === state));
    const all = [...entered.map(({ state, at }) => inPassing(state, at)), ...lines];
    for (const line of all.filter(({ at }) => at <= until).sort(inOrder)) say(line);
    entered = entered.filter(({ at }) => at > until);
    lines = lines.filter(({ at }) => at > until);
  };

  const tellTraffic = (now: number): void => {
    const current = totals?.();
    if (current == null) return;
    const weights = weightsText(world);
    const line = trafficLine(current, traffic.totals, now - traffic.at);
    terminal.status(`${weights}  ${line}`);
    const due = terminal.redraws ? 1000 : TRAFFIC;
    if (weights === traffic.weights && now - traffic.at < due) return;
    // A line tells of the time before it, under the weights that were in force then.
    if (!terminal.redraws && traffic.weights !== '')
      lines.push({ at: now, by: 'traffic', text: `${traffic.weights}  ${line}` });
    traffic = { at: now, weights, totals: current };
  };

  const look = async (): Promise<void> => {
    const events = await news();
    const now = clock();
    events.forEach(learn);
    const changes = instanceLines(world, seen, (release) => labels.get(release) ?? release);
    lines.push(...events.flatMap(linesOf), ...changes.map((text) => ({ at: now, by: 'instances', text })));
    if (unfinished !== undefined) {
      const cut = unfinishedLines(unfinished, { ...unfinished, ...counted }, delay);
      lines.push(...cut.map((text): Line => ({ at: now, by: 'balancer', text, style: 'yellow' })));
      counted = { ...unfinished };
    }
    tellTraffic(now);
    tell(now - PATIENCE);
  };

  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking
      .then(look)
      .catch((error) => say({ at: clock(), by: 'problem', text: String(error), style: 'red' }));
  }, LOOK);

  return {
    state: (execution, state) => {
      // States that only lead on have no purpose of their own; a loop comes back to the state that was told.
      if (purposes[state] === undefined || last.get(execution) === state) return;
      last.set(execution, state);
      entered.push({ state, at: clock() });
    },
    close: async () => {
      clearInterval(timer);
      await looking;
      await look().catch(() => undefined);
      tell(clock());
      terminal.status('');
    },
  };
};
