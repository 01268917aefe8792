/** The result of a run of chaos or vitest: a broken rule was found, none was found, or the run itself failed. */

/** How a process ended. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
  /** It was ended, as its time was over. */
  late: boolean;
}

export type Verdict =
  | { state: 'caught'; what: string; seed: number | null }
  | { state: 'nothing' }
  | { state: 'failed'; why: string };

const failed = (why: string): Verdict => ({ state: 'failed', why });

const lineOf = (text: string, index: number): string => text.trim().split('\n').at(index)?.trim() ?? '';

const ending = ({ code, out, err, late }: Ended): string => {
  if (late) return 'it had not ended when its time was over';
  const last = lineOf(err, -1) || lineOf(out, -1);
  return `it ended with ${code === null ? 'a signal' : `exit code ${code}`}${last === '' ? '' : `: ${last}`}`;
};

/** Caught: it says which rule, and its exit code that it means it. Not caught: it has played all of them. */
export const ofChaos = (ended: Ended, seeds: number): Verdict => {
  const { code, out, late } = ended;
  const [, seed, what] = /^✗ seed (\d+)\n(?: {2}.*\n)*? {2}(R\d+: .+)$/m.exec(out) ?? [];
  if (!late && code === 1 && what !== undefined) return { state: 'caught', what, seed: Number(seed) };
  const [, played] = /: (\d+) rollouts, 0 with a violation$/m.exec(out) ?? [];
  if (!late && code === 0)
    return Number(played) === seeds
      ? { state: 'nothing' }
      : failed(`it has played ${played ?? 0} of ${seeds} rollouts`);
  const [, broke] = /^✗ seed \d+\n {2}(.+)$/m.exec(out) ?? [];
  return failed(!late && code === 1 && broke !== undefined ? `no rule is named, but ${broke}` : ending(ended));
};

/** What vitest's JSON reporter writes, as far as it counts here. */
export interface Report {
  testResults: {
    message?: string;
    assertionResults: { status: string; title: string; failureMessages: string[] | null }[];
  }[];
}

/** Caught: a test has failed by an assertion, and neither by its time nor by anything that threw. The model check marks what it has found. */
export const ofTests = (ended: Ended, report: Report | null): Verdict => {
  const { code, err, late } = ended;
  if (late || code === null || report === null) return failed(ending(ended));
  const tests = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed');
  const messages = tests.flatMap(({ failureMessages }) => failureMessages ?? []);
  const assertion = messages.find((message) => message.startsWith('AssertionError'));
  if (code === 1 && assertion !== undefined)
    return { state: 'caught', what: /✗ (.+[^"'\s])/.exec(err)?.[1] ?? lineOf(assertion, 0), seed: null };
  if (tests.length === 0) {
    const why = report.testResults.find(({ message = '' }) => message !== '')?.message ?? 'none has that name';
    return failed(`no test was run: ${lineOf(why, 0)}`);
  }
  if (code === 0 && tests.every(({ status }) => status === 'passed')) return { state: 'nothing' };
  return failed(messages[0] === undefined ? ending(ended) : `no assertion failed, but ${lineOf(messages[0], 0)}`);
};
