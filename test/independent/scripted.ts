/** Executions of the product's machine with scripted answers: drawn from a seed, played by the local engine, to be played again elsewhere. */
import { seededRandom } from '../../core/basics/random.ts';
import { createMachine } from '../../local/engine/machine.ts';
import { virtualTime } from '../../local/time.ts';
import { bind } from '../../statemachines/bind.ts';
import { definition as file, functionSettings } from '../build.ts';

const functionArn = (name: string): string => `arn:aws:lambda:eu-west-1:111122223333:function:cutover-${name}:7`;
export const definition = bind(
  file,
  Object.fromEntries(Object.keys(functionSettings).map((name) => [name, functionArn(name)])),
) as { States: Record<string, State> };

interface State {
  Type: string;
  Resource?: string;
  Next?: string;
  Default?: string;
  Choices?: { Condition: string; Next: string }[];
  Catch?: { Next: string }[];
}

/** As GetExecutionHistory gives it. */
export interface Event {
  id: number;
  type: string;
  timestamp: Date;
  stateEnteredEventDetails?: { name: string };
}

type Token = { kind: 'success'; output: unknown } | { kind: 'failure'; error: string; cause: string };
/** How one call of a function goes. */
export type Answer =
  | { kind: 'return'; payload: unknown; token?: Token | { kind: 'timeout' } }
  | { kind: 'error'; name: string; message: string }
  | { kind: 'timeout' };

export interface Script {
  name: string;
  machine: string;
  role: string;
  start: string;
  input: unknown;
  answers: Answer[];
}

const answersOf = (state: State): string[] => {
  const { Choices = [], Default } = definition.States[state.Next ?? ''] ?? {};
  // A Choice's default is taken by whatever it does not name.
  return [
    ...Choices.flatMap(({ Condition }) => /= '(\w+)' %}$/.exec(Condition)?.[1] ?? []),
    'wait',
    ...(Default === 'RollBack' ? ['RollBack'] : []),
  ];
};

/** Each of these is nearer to the end; what comes after so many calls. */
const towardsTheEnd: Record<string, string> = { Retire: 'Complete', Discard: 'ReportFailure', ReportFailure: 'wait' };
const long = 60;
const names = ['StaleToken', 'StaleToken', 'Rejected', 'RolloutFailed', 'ThrottlingException', 'Odd "name"'];

/** Draws what the next call of a state's function answers. */
const drawn = (random: () => number) => {
  const among = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const text = (): string => among(['why', 'said "no"', 'a\nline', 'v2 \\ ü', '', '{% $x %}', '0 of 4 healthy']);
  let streak: { state: string; answer: Answer; left: number } | undefined;
  let calls = 0;
  const failing = (state: string): Answer => {
    const answer: Answer =
      random() < 0.3 ? { kind: 'timeout' } : { kind: 'error', name: among(names), message: text().replace('ü', 'u') };
    // Once in a while until the last retry is used up.
    streak = { state, answer, left: random() < 0.3 ? 41 : Math.floor(3 * random()) };
    return answer;
  };
  const next = (state: string): string => {
    if (calls > long) return towardsTheEnd[state] ?? 'RollBack';
    const answers = answersOf(definition.States[state] as State);
    // The first one leads on: without a bias to it most scripts would end early.
    return random() < 0.4 ? (answers[0] ?? 'wait') : among(answers);
  };
  const payload = (state: string) => ({
    next: next(state),
    seconds: among([1, 5, 30, 90, 3600]),
    why: text(),
    rollout: {
      service: 'shop',
      release: '7c0202f5f796',
      attempt: Math.floor(3 * random()),
      token: calls,
      progress: { step: Math.floor(4 * random()), since: 1_770_000_000_000.5, passed: -0.25, heard: [], text: text() },
    },
  });
  const token = (): Token | { kind: 'timeout' } => {
    const kind = among(['success', 'failure', 'timeout', 'timeout'] as const);
    if (kind === 'success') return { kind, output: among([{}, null, 'woken', [1, { a: text() }]]) };
    return kind === 'failure' ? { kind, error: among(names), cause: text() } : { kind };
  };
  return (state: string): Answer => {
    calls++;
    if (streak !== undefined && streak.state === state && streak.left-- > 0) return streak.answer;
    streak = undefined;
    if (calls <= long && random() < 0.15) return failing(state);
    const isToken = definition.States[state]?.Resource?.endsWith('.waitForTaskToken') === true;
    return isToken ? { kind: 'return', payload: null, token: token() } : { kind: 'return', payload: payload(state) };
  };
};

const machineArn = 'arn:aws:states:eu-west-1:111122223333:stateMachine:cutover-rollout';
const role = 'arn:aws:iam::111122223333:role/cutover-rollout';

/** From which state to which, by an answer or by an error, all in the file. */
export const ways: string[] = Object.entries(definition.States).flatMap(([name, { Next, Default, Choices, Catch }]) =>
  [...[Next, Default], ...[...(Choices ?? []), ...(Catch ?? [])].map((one) => one.Next)].flatMap((to) =>
    to === undefined ? [] : [`${name} > ${to}`],
  ),
);

/** The ways that an execution took, and how often it tried where it was tried again. */
const taken = (events: Event[]): string[] => {
  const states = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  const failed = events.filter(({ type }) => /(Failed|TimedOut)$/.test(type));
  const pairs = states.slice(1).map((name, index) => `${states[index]} > ${name}`);
  return [...pairs, ...failed.map(({ id, type }) => `${type} then ${events[id]?.type}`)];
};

/** Few scripts that together take every way there is, of so many seeds at most. */
export const fewest = async (seeds: number) => {
  const covered = new Set<string>();
  const kept: Awaited<ReturnType<typeof played>>[] = [];
  for (let seed = 1; seed <= seeds && !ways.every((way) => covered.has(way)); seed++) {
    const one = await played(seed);
    const fresh = taken(one.events).filter((way) => !covered.has(way));
    if (fresh.length === 0) continue;
    for (const way of fresh) covered.add(way);
    kept.push(one);
  }
  return { kept, covered };
};

/** One execution in the local engine, and the script of it. */
export const played = async (seed: number) => {
  const random = seededRandom(seed);
  const time = virtualTime(Date.parse('2026-03-01T09:00:00.000Z') + seed * 61_001);
  const name = `shop-7c0202f5f796-${seed}`;
  const input =
    random() < 0.5 ? { service: 'shop', release: 'r' } : { service: 'shop', release: 'r', attempt: 2, token: 9 };
  const script: Script = {
    name,
    machine: machineArn,
    role,
    start: new Date(time.now()).toISOString(),
    input,
    answers: [],
  };
  const answerOf = drawn(random);
  const engine = createMachine({
    definition,
    arn: machineArn,
    roleArn: role,
    time,
    random,
    invoke: (_, given) => {
      const entered = engine.history(name).findLast(({ type }) => type.endsWith('StateEntered'));
      const answer = answerOf(String(entered?.stateEnteredEventDetails?.name));
      script.answers.push(answer);
      if (answer.kind === 'timeout') return new Promise(() => {});
      if (answer.kind === 'error') {
        const cause = { errorType: answer.name, errorMessage: answer.message, trace: [] };
        return Promise.reject(Object.assign(new Error(answer.message, { cause }), { name: answer.name }));
      }
      const { token } = answer;
      const { taskToken = '' } = given as { taskToken?: string };
      time.after(500, () => {
        if (token?.kind === 'success') engine.sendTaskSuccess(taskToken, JSON.stringify(token.output));
        if (token?.kind === 'failure') engine.sendTaskFailure(taskToken, token);
      });
      return Promise.resolve(answer.payload);
    },
  });
  engine.start({ name, input: JSON.stringify(input) });
  await time.run();
  return { script, events: engine.history(name) as unknown as Event[] };
};
