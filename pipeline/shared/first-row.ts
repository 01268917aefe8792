/** Makes the row of a service that has never been rolled out. */

import { allOn, type Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

/** From the rules' weights: all on the slot that has more. */
export const rowFromRules = async ({ traffic }: Pick<Ports, 'traffic'>, service: Service): Promise<Row> => {
  const rules = await traffic.weights(service);
  const sum = (slot: Slot) => rules.reduce((total, rule) => total + rule.weights[slot], 0);
  return firstRow(service.name, allOn(sum('green') > sum('blue') ? 'green' : 'blue'), 0);
};
