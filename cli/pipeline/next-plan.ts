/** The plan of an image that is not there yet, at a traffic that somebody names. */

import { allOn } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Plan, Traffic } from '../../core/plan/plan.ts';
import { planOf } from '../../core/plan/planning.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';
import { parseShare, parseTraffic } from '../rehearsal/behaviour.ts';

/** `traffic`: like 800rpm; `errors`: like 0.1%. Throws Rejected for what is neither. */
export const trafficOf = ({ timing }: Service, traffic: string, errors: string): Traffic => ({
  requests: (parseTraffic(traffic) * timing.period) / 60,
  errors: parseShare(errors, '--errors'),
});

/** The plan that the next image would follow, beside a fleet as it is configured. */
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
