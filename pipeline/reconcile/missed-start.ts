/** Starts a release that waits for a free service or has it reserved, if its start was lost. */
import { protocol } from '../../core/protocol/protocol.ts';
import { startReserved } from '../shared/start-reserved.ts';
import type { Part } from './run-parts.ts';

export const missedStart: Part = async (ports, { service: { name } }) => {
  await ports.ledger.decide(name, (row) => protocol.acquire(row, undefined));
  const started = await startReserved(ports, name);
  return started === null ? [] : [`${started} started`];
};
