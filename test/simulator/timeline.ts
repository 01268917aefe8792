/** Between the cloud and the faults: whoever watches is told of everything, and so is who wants to read it. */
import type { Watched } from './invariants.ts';
import type { Hooks, Stage } from './stage.ts';

/** Told of everything that a play sees, with the seconds since the image was pushed. */
export type Teller = (seconds: number, text: string) => void;

/** What a play looks at, once it is there. */
export interface Seen {
  watched?: Watched;
  stage?: Stage;
  from: number;
}

type Faults = Pick<Hooks, 'call' | 'ledger' | 'invocation' | 'start' | 'moved' | 'wrote'>;

interface Details {
  name?: string;
  output?: unknown;
  assignedVariables?: { why?: string };
}

/** Waits and choices say nothing that the tasks around them do not. */
const ofInterest = /TaskStateEntered|Failed|TimedOut|Aborted|Redriven|ExecutionS/;

export const hooksOf = (faults: Faults, seen: Seen, say?: (text: string) => void): Hooks => {
  let known = 0;
  const found = (): void => {
    const { violations = [] } = seen.watched ?? {};
    for (const one of violations.slice(known)) say?.(`✗ ${one}`);
    known = violations.length;
  };
  return {
    ...faults,
    call: async (call, next) => {
      const { watched } = seen;
      if (watched === undefined) return next();
      const { by, command, input } = call;
      watched.sent(call);
      const answer = await faults.call(call, () => {
        watched.lands(call);
        return next();
      });
      watched.answered(call, answer);
      if (say === undefined) return answer;
      if (!/^Describe|^PutEvents|^GetMetric|^Deliver/.test(command))
        say(`  ${by === undefined ? '' : `${by.name}#${by.id} `}${command} ${brief(input)}`);
      found();
      return answer;
    },
    failed: (one) => {
      seen.watched?.failed(one);
      found();
    },
    start: (started, next) => {
      faults.start(started, next);
      const instance = seen.stage?.cloud.world.instances.get(started[0].id);
      if (instance !== undefined) seen.watched?.launched(instance);
      found();
    },
    wrote: (before, after, by, sent) => {
      faults.wrote(before, after, by, sent);
      seen.watched?.wrote(before, after, by, sent);
      if (say === undefined) return;
      const { wanted, phase, token, lock, step, abort } = after;
      const why = abort === null ? '' : `, abort: ${abort.why.slice(0, 120)}`;
      const { blue, green } = wanted.weights;
      say(
        `  ${by?.name ?? 'somebody'}: ${lock.state}, ${phase}, blue ${blue} green ${green}, step ${step}, token ${token}${why}`,
      );
      found();
    },
    moved: (execution, event) => {
      faults.moved(execution, event);
      if (say === undefined) return;
      const { name, output, assignedVariables } = (event.details ?? {}) as Details;
      if (event.type === 'TaskStateExited')
        say(
          `${execution}: ${name} answers ${String(output)}${assignedVariables?.why ? `, ${assignedVariables.why}` : ''}`,
        );
      else if (ofInterest.test(event.type)) say(`${execution}: ${name ?? event.type}`);
    },
  };
};

const brief = (input: unknown): string => {
  const text = JSON.stringify(input, (key, value) =>
    key === 'TagSpecifications' || key === 'LaunchTemplateData' ? undefined : value,
  ).replaceAll(/arn:aws:elasticloadbalancing:[^"]*\//g, '…/');
  return text.length > 220 ? `${text.slice(0, 220)}…` : text;
};
