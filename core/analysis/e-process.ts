/**
 * Evidence that may be looked at as often as one likes. Each minute multiplies a bet by a likelihood ratio whose expectation is at most 1
 * while the hypothesis holds; such a product exceeds 1/α, ever, with a probability of at most α (Ville 1939).  *
 * The ratio is that of two Poisson streams (Lindon and Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022), with a
 * grid of alternatives in place of their prior, so that the split of the traffic may change every minute. docs/analysis.md has the proof.
 */

/** What two versions answered in the same minute, and how much of it was bad. */
export interface Pair {
  fresh: { requests: number; bad: number };
  old: { requests: number; bad: number };
}

/** Bad at `ratio` times the old version's rate and `plus` more (a rate, 0 to 1). */
export interface Margin {
  ratio: number;
  plus: number;
}

/** How much worse than the margin the alternatives are, from barely to broken; and how much better, for the way to a pass. */
export const worseBy = [1.3, 1.7, 2.5, 4, 6, 10, 20, 50, 200, 1000] as const;
export const betterBy = [0.02, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85] as const;

/** log a, log b and a−1 of each alternative, one after the other, for one split of the traffic. */
export type Factors = Float64Array;

/** For r = nC/nB, in a form that stays exact where one version has hardly any traffic. */
export const factorsOf = (r: number, ratio: number, alternatives: readonly number[]): Factors => {
  const factors = new Float64Array(3 * alternatives.length);
  const base = Math.log1p(ratio * r);
  for (let k = 0; k < alternatives.length; k++) {
    const g = alternatives[k] as number;
    const b = (1 + ratio * r) / (1 + ratio * g * r);
    factors[3 * k] = Math.log(g * b);
    factors[3 * k + 1] = base - Math.log1p(ratio * g * r);
    // a−1 without the loss of digits where a is close to 1: (g−1)/(1+ρ₁r).
    factors[3 * k + 2] = (g - 1) / (1 + ratio * g * r);
  }
  return factors;
};

/**
 * What one minute adds to the logarithm of each alternative's bet, against "the new version is bad at most at `margin`":
 *
 *     r = nC/nB,  θ(ρ) = ρr/(1+ρr),  a = θ(ρ₁)/θ(ρ₀),  b = (1−θ(ρ₁))/(1−θ(ρ₀)),  ρ₁ = g·ρ₀
 *     log L = xC·log a + xB·log b − nC·δ·(a−1)
 *
 * E[L] ≤ 1 for every rate that the hypothesis allows, whatever the old version's rate is in that minute. Without a request to either
 * version a minute says nothing.
 */
export const againstNotWorse = (pair: Pair, margin: Margin, factors?: Factors): Float64Array =>
  against(pair, margin, worseBy, factors);

/** The mirror, against "the new version is bad at least at `margin`", which is how one passes early: the same with a < 1 < b. */
export const againstHarmful = (pair: Pair, margin: Margin, factors?: Factors): Float64Array =>
  against(pair, margin, betterBy, factors);

const against = (
  { fresh, old }: Pair,
  { ratio, plus }: Margin,
  alternatives: readonly number[],
  factors = factorsOf(fresh.requests / old.requests, ratio, alternatives),
): Float64Array => {
  const row = new Float64Array(alternatives.length);
  if (fresh.requests === 0 || old.requests === 0) return row;
  for (let k = 0; k < row.length; k++) {
    const la = factors[3 * k] as number;
    const lb = factors[3 * k + 1] as number;
    const more = factors[3 * k + 2] as number;
    row[k] = fresh.bad * la + old.bad * lb - fresh.requests * plus * more;
  }
  return row;
};

/**
 * Against "the new version's rate is at most `limit`", with nothing to compare it to:
 *
 *     log L = x·log g − n·limit·(g−1)
 */
export const againstLimit = ({ requests, bad }: Pair['fresh'], limit: number): Float64Array =>
  Float64Array.from(worseBy, (g) => bad * Math.log(g) - requests * limit * (g - 1));

/**
 * Minutes after which a further bet is started, so that a fault that shows late is not set against all the good minutes before it; one
 * that has not begun is worth the 1 it began with. As many as are planned share the money, whenever they begin.
 */
export const restartEvery = 10;
export const restarts = 4;

/** Beyond it evidence is overwhelming, and a product of more no number. */
const overwhelming = 1e300;
const lost = 1e-300;

/**
 * What a bet is worth after each minute, 1 being what it began with. `increments` is a row of logarithms per minute, spread evenly over its
 * alternatives; `burst` divides them, as errors that come in clusters of that size carry the evidence of one (a^(s/m) ≤ 1 + (s/m)(a−1)).
 */
export const worthOf = (increments: readonly ArrayLike<number>[], burst: number, many = restarts): number[] => {
  const bets: Float64Array[] = [];
  const alternatives = increments[0]?.length ?? 0;
  return increments.map((row, minute) => {
    if (minute % restartEvery === 0 && bets.length < many) bets.push(new Float64Array(alternatives).fill(1));
    let sum = 0;
    for (let k = 0; k < alternatives; k++) {
      const factor = Math.exp((row[k] as number) / burst);
      for (const bet of bets) {
        const worth = (bet[k] as number) * factor;
        // What is as good as lost is lost: numbers near the smallest there are take a hundred times as long to multiply.
        const held = worth < lost ? 0 : Math.min(overwhelming, worth);
        bet[k] = held;
        sum += held;
      }
    }
    return (many - bets.length + sum / alternatives) / many;
  });
};
