/** Sets weights again that somebody has edited, even if one of the rules cannot be read or set. */
import { Rejected } from '../../core/basics/errors.ts';
import { fullSlot, otherSlot } from '../../core/basics/slot.ts';
import { agrees, applyWeights } from '../shared/apply-weights.ts';
import { healthy, lookAtTargets } from '../shared/targets.ts';
import { recordProblem } from './problem.ts';
import type { Look, Needs, Part } from './run-parts.ts';

export const weightDrift: Part = async (ports, look) => {
  const { row, service } = look;
  const rules = await ports.traffic.weights(service).catch((error) => {
    // A failed read says nothing about the weights.
    if (!(error instanceof Rejected)) throw error;
    // If a rule is missing, the others are set all the same, and that reports the failure.
    return null;
  });
  if (rules !== null && agrees(rules, row.wanted.weights)) return [];
  return [await recordProblem(ports, row, await correct(ports, look), ports.now())];
};

/** At rest, traffic stays where it is served. If the row's weights lead to an unhealthy fleet (edited slots, a lost fleet), a person has to decide. */
const correct = async (ports: Needs, { row, service }: Look): Promise<string> => {
  const serving = fullSlot(row.wanted.weights);
  const targets = await lookAtTargets(ports, service);
  if (
    row.lock.state === 'free' &&
    healthy(targets[serving]).length === 0 &&
    healthy(targets[otherSlot(serving)]).length > 0
  )
    return `the weights differ from those in the row but are left as they are: ${serving} has no healthy target, ${otherSlot(serving)} has`;
  await applyWeights(ports, service);
  return 'the weights had been edited from outside; they were corrected';
};
