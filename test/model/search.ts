/** A plain breadth-first search over every state that a model can reach: the first flaw it meets is one with a shortest history. */

export interface Move<S> {
  /** Who does what, for people to read. */
  who: string;
  what: string;
  to: S;
  /** A disturbance: something that happens to the protocol. No way to rest may depend on it. */
  disturbance: boolean;
}

export interface Model<S> {
  initial: S;
  /** Equal keys, equal states. */
  key(state: S): string;
  moves(state: S): Move<S>[];
  /** What is wrong in this state, in words; null: nothing. */
  flaw(state: S): string | null;
  atRest(state: S): boolean;
}

export interface Found<S> {
  states: number;
  /** Moves from a state to a state. */
  transitions: number;
  /** Null: no reachable state is flawed, and from each one a state at rest can be reached. */
  flaw: string | null;
  /** How the flawed state comes about, from the initial state on. */
  path: Move<S>[];
}

/** Searches all states, up to the first flaw. */
export const search = <S>(model: Model<S>): Found<S> => {
  const numbers = new Map<string, number>([[model.key(model.initial), 0]]);
  // Kept per state: where it was first reached from, and by which of that state's moves. States themselves are thrown away.
  const cameFrom: number[] = [-1];
  const byMove: number[] = [-1];
  const resting: number[] = model.atRest(model.initial) ? [0] : [];
  const edges: { from: number[]; to: number[] } = { from: [], to: [] };
  let transitions = 0;

  const pathTo = (last: number): Move<S>[] => {
    const taken: number[] = [];
    for (let state = last; state > 0; state = cameFrom[state] as number) taken.unshift(byMove[state] as number);
    let state = model.initial;
    return taken.map((index) => {
      const move = model.moves(state)[index] as Move<S>;
      state = move.to;
      return move;
    });
  };
  const found = (flaw: string, at: number): Found<S> => ({
    states: numbers.size,
    transitions,
    flaw,
    path: pathTo(at),
  });

  let frontier: { state: S; number: number }[] = [{ state: model.initial, number: 0 }];
  while (frontier.length > 0) {
    const beyond: typeof frontier = [];
    for (const { state, number } of frontier)
      for (const [index, { to, disturbance }] of model.moves(state).entries()) {
        transitions++;
        const key = model.key(to);
        let reached = numbers.get(key);
        if (reached === undefined) {
          reached = numbers.size;
          numbers.set(key, reached);
          cameFrom.push(number);
          byMove.push(index);
          const flaw = model.flaw(to);
          if (flaw !== null) return found(flaw, reached);
          if (model.atRest(to)) resting.push(reached);
          beyond.push({ state: to, number: reached });
        }
        if (!disturbance) {
          edges.from.push(number);
          edges.to.push(reached);
        }
      }
    frontier = beyond;
  }
  const restless = firstThatCannotReach(resting, edges, numbers.size);
  return restless === null
    ? { states: numbers.size, transitions, flaw: null, path: [] }
    : found('from here no state at rest can be reached any more', restless);
};

/** The earliest state from which none of `goals` can be reached; null when there is none. */
const firstThatCannotReach = (
  goals: number[],
  { from, to }: { from: number[]; to: number[] },
  states: number,
): number | null => {
  // The edges backwards, as one list per state: `next` chains the edges that lead to the same state.
  const first = new Int32Array(states).fill(-1);
  const next = new Int32Array(to.length);
  for (const [edge, target] of to.entries()) {
    next[edge] = first[target] as number;
    first[target] = edge;
  }
  const reaches = new Uint8Array(states);
  const open = [...goals];
  for (const goal of goals) reaches[goal] = 1;
  for (let state = open.pop(); state !== undefined; state = open.pop())
    for (let edge = first[state] as number; edge !== -1; edge = next[edge] as number) {
      const before = from[edge] as number;
      if (reaches[before] === 0) {
        reaches[before] = 1;
        open.push(before);
      }
    }
  const restless = reaches.indexOf(0);
  return restless === -1 ? null : restless;
};
