/** Reads what the checks look at, each thing once. */
import { Rejected } from '../../../core/basics/errors.ts';
import type { Finding } from '../../../core/basics/finding.ts';
import { allOn, otherSlot, slots } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import { oldSlotOf } from '../../../core/plan/planning.ts';
import { firstRow, type Row } from '../../../core/protocol/row.ts';
import { rowFromRules } from '../../shared/first-row.ts';
import type { Look, Needs } from './entry.ts';

/** A refusal becomes a finding, with its remedy. Other errors are thrown. */
export const orRefusal = async <T>(look: () => T | Promise<T>, refused: (finding: Finding) => T): Promise<T> => {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return refused(error.finding);
  }
};

/** Every caller gets the same answer or the same error. */
const once = <T>(look: () => Promise<T>): (() => Promise<T>) => {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= look();
    return asked;
  };
};

/** `known`: the service's row; null: it has never been rolled out. */
export const lookAt = async (
  ports: Needs,
  known: Row | null,
  service: Service,
  roles: string | null,
): Promise<Look> => {
  const row =
    known ??
    (await orRefusal(
      () => rowFromRules(ports, service),
      () => firstRow(service.name, allOn('blue'), 0),
    ));
  const old = oldSlotOf(row);
  const fresh = otherSlot(old);
  const facts = await ports.ownership.look(service, service.slots);
  const complete = service.fleet.kind === 'instances' || slots.every((slot) => facts.groups[slot] !== null);
  const nothing = { template: null, unusable: [] };
  const launched = complete
    ? await orRefusal<Pick<Look, 'template' | 'unusable'>>(
        async () => ({ template: await ports.fleet.template(service, fresh), unusable: [] }),
        (finding) => ({ template: null, unusable: [finding] }),
      )
    : nothing;
  const sound = facts.problems.length === 0 && slots.every((slot) => facts.targetGroups[slot] !== null) && complete;
  const { template } = launched;
  return {
    ...{ ports, service, row, old, fresh, facts, sound, ...launched, roles },
    flags: once(async () => (template === null ? [] : [await ports.inspection.template(template)])),
    alarms: once(() => ports.metrics.alarms(service.checks.alarms)),
    newest: once(() => ports.images.newest(service)),
  };
};
