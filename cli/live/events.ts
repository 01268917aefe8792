/** The machine's states and the ledger's events as lines for people, none of them twice. */
import type { HistoryEvent } from '../../core/release/history.ts';
import type { Style } from '../terminal.ts';
import { evidenceLines } from './evidence.ts';

export interface Line {
  /** Epoch milliseconds. */
  at: number;
  /** The state or function that says it. */
  by: string;
  text: string;
  style?: Style;
}

/** What a state is there for: said where no event says what it has done. Judge has its say when it decides, not each time it looks. */
export const purposes: Record<string, string> = {
  Admit: 'asks the row whether this may begin',
  Provision: 'launches the instances that the next weight needs',
  CheckReady: 'waits until enough new instances are healthy',
  Smoke: 'probes the new instances before any user does',
  AwaitApproval: 'waits for a person',
  Shift: 'moves traffic',
  Bake: 'collects measurements at this weight',
  Retire: 'removes the old fleet',
  Complete: 'records the end of the rollout',
  RollBack: 'moves traffic back',
  Discard: 'removes the new instances, which have no traffic',
  ReportFailure: 'records the end of the rollout',
};

const machineOrder = ['Judge', ...Object.keys(purposes)];

/** By time; what happened within one millisecond, as the machine goes. */
export const inOrder = (a: Line, b: Line): number => a.at - b.at || place(a) - place(b);

/** What a program printed follows the line that says whose it is. */
const place = ({ by }: Line): number => machineOrder.indexOf(by === '' ? 'Discard' : by);

export const inPassing = (state: string, at: number): Line => ({
  at,
  by: state,
  text: purposes[state] ?? '',
  style: 'dim',
});

const styles: Partial<Record<HistoryEvent['kind'], Style>> = {
  refused: 'yellow',
  superseded: 'yellow',
  waiting: 'yellow',
  aborted: 'red',
  problem: 'red',
};

/** Answers a function from an event to its lines; it knows what it has said before. */
export const eventLines = () => {
  let reason = '';
  const shown = new Set<string>();

  /** What is new in it: a cause is told once, not by everyone who passes it on. */
  const newIn = (text: string, otherwise: string): string => {
    if (reason === '' || !text.startsWith(reason)) return text;
    return text.slice(reason.length).replace(/^; /, '') || otherwise;
  };

  return ({ at, by, kind, text, release, attempt, data = {} }: HistoryEvent): Line[] => {
    switch (kind) {
      // The instances themselves are told of as they come.
      case 'launched':
        return [];
      case 'evidence': {
        const key = `${release} ${attempt}`;
        if (shown.has(key)) return [];
        shown.add(key);
        const [first = '', ...lines] = evidenceLines({ instance: String(data.instance ?? 'an instance'), said: text });
        return [{ at, by, text: first }, ...lines.map((line): Line => ({ at, by: '', text: line, style: 'dim' }))];
      }
      case 'finished': {
        const outcome = String(data.outcome);
        const said = newIn(text, outcome);
        reason = '';
        return [
          outcome === 'live'
            ? { at, by: 'Complete', text: said, style: 'green' }
            : { at, by: 'ReportFailure', text: said, style: 'red' },
        ];
      }
      case 'judged': {
        const failed = data.action === 'rollback';
        if (failed) reason = text;
        return [{ at, by, text, ...(failed && { style: 'red' as const }) }];
      }
      case 'aborted': {
        const said = newIn(text, 'aborted');
        reason ||= text.replace(/; all traffic on \w+$/, '');
        return [{ at, by, text: said, style: 'red' }];
      }
      default: {
        const style = styles[kind];
        return [{ at, by, text, ...(style && { style }) }];
      }
    }
  };
};
