/** The plan of a service's next rollout, or of the current one. */

import { type DescribedPlan, describeWithPower } from '../../core/analysis/power.ts';
import { allOn } from '../../core/basics/slot.ts';
import { type DescribedValue, describeDefaults } from '../../core/config/describe.ts';
import type { Service } from '../../core/config/service.ts';
import type { Plan, Traffic } from '../../core/plan/plan.ts';
import { planOf } from '../../core/plan/planning.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';

export interface PlanView {
  service: string;
  /** Every value of its configuration, with the defaults marked. */
  values: DescribedValue[];
  plan: DescribedPlan;
  underWay: DescribedPlan | null;
}

/** `written`: the service as its configuration has it; `row`: null if it has never been rolled out. */
export const planView = (written: unknown, service: Service, row: Row | null, traffic: Traffic | null): PlanView => ({
  service: service.name,
  values: describeDefaults(written, service),
  plan: describeWithPower(nextPlan(service, row, traffic)),
  underWay: row?.plan == null ? null : describeWithPower(row.plan),
});

/** The plan that the next image would follow, with the old fleet at its configured size. */
export const nextPlan = (service: Service, row: Row | null, traffic: Traffic | null): Plan =>
  planOf({
    service,
    publication: {
      release: 'the next',
      image: { reference: '', label: 'the next image' },
      attempt: 1,
      order: 0,
      asked: false,
      by: '',
    },
    row: row ?? firstRow(service.name, allOn('blue'), 0),
    observed: { ours: service.fleet.count, foreign: 0 },
    template: null,
    limits: null,
    alarmsOn: [],
    traffic,
    now: 0,
  });
