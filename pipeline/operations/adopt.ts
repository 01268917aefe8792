/** Adopts a running fleet, and gives it back: first shows every change, then makes one after the other. If one fails, it undoes those before it. */

import { messageOf, Rejected } from '../../core/basics/errors.ts';
import { findingText } from '../../core/basics/finding.ts';
import { count } from '../../core/basics/format.ts';
import { allOn, fullSlot, type Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import {
  type Act,
  type Adoption,
  type AdoptionFacts,
  adoptionOf,
  inverse,
  type SoughtSlots,
  unadoptActs,
} from '../../core/fleet/adoption.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { firstRow, type Live } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { agrees } from '../shared/apply-weights.ts';
import { eventOf, recordEvent, recorder } from '../shared/record.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'ownership' | 'notify' | 'now'>;

/** Adds or removes a configured service. Returns a function that restores the previous configuration. */
export type Configure = (change: { add?: Service; remove?: string }) => Promise<() => Promise<void>>;

export interface Doing {
  /** Called before each change; `undone`: the change is being undone. */
  onAct: (act: Act, undone: boolean) => void;
  /** Asked between changes: a person who stops half-way gets everything undone. */
  stopped: () => boolean;
}

/** The changes that adopting would make, or what prevents it. Changes nothing. */
export const lookAtAdoption = async (ports: Needs, service: Service, sought: SoughtSlots): Promise<Adoption> => {
  if (service.fleet.kind !== 'groups')
    return {
      ok: false,
      problems: [
        `${service.name} is a fleet of ${service.fleet.kind}(…), whose first rollout replaces the instances in the slot that serves, so it needs no adoption`,
      ],
    };
  const row = await ports.ledger.row(service.name);
  if (row !== null && row.lock.state !== 'free')
    return { ok: false, problems: [`${service.name} is in a rollout: wait for its end`] };
  const facts = await ports.ownership.look(service, sought);
  return facts.problems.length > 0
    ? { ok: false, problems: facts.problems.map(findingText) }
    : adoptionOf(service, sought, facts);
};

/** Carries out an adoption. Returns the service with its final slots. */
export const adopt = async (
  ports: Needs,
  service: Service,
  { acts, release, live }: Adoption & { ok: true },
  configure: Configure,
  doing: Doing,
): Promise<Service> => {
  let resolved = service;
  await allOrNothing(
    acts,
    async (act) => {
      const { made } = await ports.ownership.perform(resolved, act);
      if (made !== null && act.kind === 'makeTargetGroup')
        resolved = { ...resolved, slots: { ...resolved.slots, [act.slot]: made } };
    },
    (act) => ports.ownership.perform(resolved, act),
    doing,
    async () => {
      const putBack = await configure({ add: resolved });
      try {
        await recordAdoption(
          ports,
          resolved,
          { ...release, attempt: 0, order: ports.now(), since: ports.now() },
          live,
          acts,
        );
      } catch (error) {
        await putBack();
        throw error;
      }
    },
  );
  return resolved;
};

const recordAdoption = async (ports: Needs, { name }: Service, live: Live, slot: Slot, acts: Act[]): Promise<void> => {
  const now = ports.now();
  const text = `${live.image.label} serves from ${slot}: adopted as it is`;
  const event = eventOf({ service: name, ...live }, now, 'adopt', 'adopted', text, {
    what: now,
    data: { label: live.image.label, acts },
  });
  const decision = await ports.ledger.decide(name, (row) => protocol.adopt(row, { live, now }), {
    first: async () => firstRow(name, allOn(slot), 0),
  });
  if (!decision.ok) throw new Rejected(decision.reason);
  await recordEvent(ports, name, event);
};

/** The changes that giving back would make, or why that is not possible now. */
export const previewUnadopt = async (
  ports: Needs,
  service: Service,
): Promise<{ ok: true; live: Slot; acts: Act[] } | { ok: false; problems: string[] }> => {
  const { name } = service;
  const no = (...problems: string[]) => ({ ok: false, problems }) as const;
  const row = await ports.ledger.row(name);
  if (row !== null && (row.lock.state !== 'free' || row.next !== null))
    return no(`${name} is in a rollout, or one waits: give the service back after its end, or abort it`);
  const rules = await ports.traffic.weights(service);
  const live = row?.live?.slot ?? (row === null ? null : fullSlot(row.wanted.weights));
  if (row === null || live === null)
    return no(`${name} was never rolled out or adopted, so there is nothing to give back`);
  if (!agrees(rules, allOn(live)))
    return no(`the rules of ${name} do not all give ${live} 100 %: wait until they do, then run the command again`);
  const facts: AdoptionFacts = await ports.ownership.look(service, service.slots);
  return { ok: true, live, acts: unadoptActs(service, live, facts) };
};

/** Restarts nothing: rules, tags and configuration become what they were, and the fleet stays as it is. */
export const unadoptFleet = async (
  ports: Needs,
  service: Service,
  { live, acts }: { live: Slot; acts: Act[] },
  configure: Configure,
  doing: Doing,
): Promise<void> => {
  const { name } = service;
  // The configuration goes first, so that the pipeline no longer acts on the service.
  const putBack = await configure({ remove: name });
  try {
    await allOrNothing(
      acts,
      (act) => ports.ownership.perform(service, act),
      (act) => ports.ownership.perform(service, act),
      doing,
      async () => {
        const decision = await ports.ledger.decide(name, (row) => protocol.giveBack(row, undefined));
        if (!decision.ok) throw new Rejected(decision.reason);
        if (decision.row.live !== null) throw new Rejected(`a rollout of ${name} has begun meanwhile`);
      },
    );
  } catch (error) {
    await putBack();
    throw error;
  }
  const now = ports.now();
  const text = `${name} is given back: every rule leads to ${live} alone`;
  const record = recorder(ports, { service: name, release: '', attempt: 0 }, 'release');
  await record('released', text, { at: now, what: now });
};

/** Makes all changes and then calls `end`. If one fails, undoes the changes made so far, backwards, and says which could not be undone. */
const allOrNothing = async (
  acts: readonly Act[],
  perform: (act: Act) => Promise<unknown>,
  undo: (act: Act) => Promise<unknown>,
  { onAct, stopped }: Doing,
  end: () => Promise<void>,
): Promise<void> => {
  const begun: Act[] = [];
  try {
    for (const act of acts) {
      if (stopped()) throw new Rejected('stopped');
      onAct(act, false);
      begun.push(act);
      await perform(act);
    }
    await end();
  } catch (error) {
    const left: string[] = [];
    for (const act of begun.reverse()) {
      onAct(act, true);
      await undo(inverse(act)).catch((failure) => left.push(messageOf(failure)));
    }
    const undone =
      left.length === 0
        ? 'everything is as it was'
        : `${count(left.length, 'change')} could not be undone: ${left.join('; ')}`;
    throw new Rejected(`${messageOf(error)}; ${undone}`, { cause: error });
  }
};
