/** Makes the rules agree with the row. Everyone may call it at any time: a late write of an old weight is corrected by the next call. */
import { Transient } from '../../core/basics/errors.ts';
import { slots, type Weights } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import type { RuleWeights } from '../ports/traffic.ts';

const rounds = 6;
/** Milliseconds after a decision in which an edit counts as part of it, not as a later edit. */
const atOnce = 10_000;

export const agrees = (rules: RuleWeights[], weights: Weights): boolean =>
  rules.every((rule) => slots.every((slot) => rule.weights[slot] === weights[slot]));

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'now'>;

/**
 * Sets `wanted` on every rule, reads rules and row again, and repeats until the row is unchanged and the rules agree. Returns that row.
 * `naming`: every rule has to name both target groups, so that a new fleet is health-checked. A rollback does not need that.
 */
export const applyWeights = async (
  { ledger, traffic, now }: Needs,
  service: Service,
  { naming = false }: { naming?: boolean } = {},
): Promise<Row> => {
  for (let round = 0; round < rounds; round++) {
    const row = await ledger.row(service.name);
    if (row === null) throw new Transient(`${service.name} has no row to apply`);
    const { seq, since } = row.wanted;
    const { edited, unnamed } = await traffic.setWeights(service, row.wanted.weights, async () => {
      if (now() < since + atOnce) return;
      // Written first, so that no weight can come into force without the row saying so, even if this function dies.
      await ledger.decide(service.name, (current) => protocol.edit(current, { now: now() }));
    });
    const [refused] = unnamed;
    if (naming && refused !== undefined) throw refused;
    // If nothing had to be edited, the rules have been read already.
    const agreed = edited === 0 || agrees(await traffic.weights(service), row.wanted.weights);
    const after = await ledger.row(service.name);
    if (agreed && after !== null && after.wanted.seq === seq) return after;
  }
  throw new Transient(
    `the rules of ${service.name} still differ from the row after ${rounds} tries: another tool or person edits them`,
  );
};
