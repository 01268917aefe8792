/** The row of a service that nobody has ever rolled out. */

import { allOn, type Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

/** The weights are the rules' own, all on the slot that has more of it. */
export const rowFromRules = async ({ traffic }: Pick<Ports, 'traffic'>, service: Service): Promise<Row> => {
  const rules = await traffic.weights(service);
  const sum = (slot: Slot) => rules.reduce((total, rule) => total + rule.weights[slot], 0);
  return firstRow(service.name, allOn(sum('green') > sum('blue') ? 'green' : 'blue'), 0);
};
