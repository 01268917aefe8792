/** The weights of the way back: an edit that AWS refuses for good is told, with the row as it is then. */
import { describe, expect, it } from 'vitest';
import { Rejected, StaleToken, Transient } from '../../../core/basics/errors.ts';
import { returnWeights } from '../../../pipeline/shared/return-weights.ts';
import { service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const long = `stickiness is on: ${'x'.repeat(80)}`;

const returned = async (error: Error | null, token = 7) => {
  const { ports } = await createWorld(
    held({ phase: 'rollingBack', step: 1, abort: { kind: 'failed', why: 'it fails', by: 'ada', at: start } }),
  );
  const told: string[] = [];
  let reads = 0;
  const { row } = ports.ledger;
  ports.ledger.row = (name) => {
    reads++;
    return row(name);
  };
  if (error !== null) ports.traffic.setWeights = () => Promise.reject(error);
  const answer = await returnWeights(ports, { ...rollout(), token }, service(), async (kind, text, { what } = {}) => {
    told.push(`${kind}: ${text}`, `known by ${what}`);
  });
  return { ...answer, told, reads };
};

describe('the weights of the way back', () => {
  it('are applied with no read of the row beside those of the edit itself', async () => {
    expect(await returned(null)).toMatchObject({ refused: null, told: [], reads: 2 });
  });

  it('are told as refused, with the row, where AWS refuses a rule for good', async () => {
    const { refused, told, row } = await returned(new Rejected(long));
    expect(refused).toBe(long);
    expect(told).toEqual([
      `problem: a rule cannot be given its weights: ${long}; this is tried again until it succeeds`,
      `known by ${long.slice(0, 80)}`,
    ]);
    expect(row.phase).toBe('rollingBack');
  });

  it('are no longer those of a step whose token has ended', async () => {
    await expect(returned(new Rejected('stickiness'), 6)).rejects.toBeInstanceOf(StaleToken);
  });

  it('are tried again by the machine where the refusal passes', async () => {
    await expect(returned(new Transient('throttled'))).rejects.toBeInstanceOf(Transient);
  });
});
