/** Weights that somebody has edited are set again: also where not every rule can be read or set, as one has gone. */
import { Rejected } from '../../core/basics/errors.ts';
import { fullSlot, otherSlot } from '../../core/basics/slot.ts';
import { agrees, applyWeights } from '../shared/apply-weights.ts';
import { healthy, lookAtTargets } from '../shared/targets.ts';
import { recordProblem } from './problem.ts';
import type { Look, Needs, Part } from './run-parts.ts';

export const weightDrift: Part = async (ports, look) => {
  const { row, service } = look;
  const rules = await ports.traffic.weights(service).catch((error) => {
    // An answer that was not had says nothing about anybody's edit.
    if (!(error instanceof Rejected)) throw error;
    // Where a rule has gone, the others are set all the same, and the failure comes of that.
    return null;
  });
  if (rules !== null && agrees(rules, row.wanted.weights)) return [];
  return [await recordProblem(ports, row, await correct(ports, look), ports.now())];
};

/** At rest, traffic stays where it is served: a row that leads to nobody (its slots were edited, its fleet has gone) is a person's matter. */
const correct = async (ports: Needs, { row, service }: Look): Promise<string> => {
  const serving = fullSlot(row.wanted.weights);
  const targets = await lookAtTargets(ports, service);
  if (
    row.lock.state === 'free' &&
    healthy(targets[serving]).length === 0 &&
    healthy(targets[otherSlot(serving)]).length > 0
  )
    return `the weights differ from the row's, and are left alone: ${serving} has no healthy target, ${otherSlot(serving)} has`;
  await applyWeights(ports, service);
  return 'the weights were edited from outside: corrected';
};
