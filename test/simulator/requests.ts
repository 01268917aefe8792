/** Which requests may fail: those that a bad image fails, and those to instances that a fault has stopped, until a check notices. */
import { isDraining } from '../../local/simulated/target-health.ts';
import type { Failed } from '../../local/traffic.ts';
import { hasIncident } from './acts.ts';
import { type Fault, kinds } from './faults.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Milliseconds from when an instance falls silent until two of the load balancer's checks have found it so. */
const seen = 30_000;

interface Needs {
  stage: Stage;
  scenario: Scenario;
  /** Those that have struck so far. */
  struck: () => readonly Fault[];
  say: (rule: string, text: string) => void;
}

/** Told of every request that fails; says which of them no fault may cost. */
export const watchRequests = ({ stage, scenario, struck, say }: Needs): ((failed: Failed) => void) => {
  const { world } = stage.cloud;
  const bad = new Set([
    ...(scenario.sick ? [stage.reference('v1')] : []),
    ...(hasIncident(scenario) ? stage.versions.map(stage.reference) : []),
    ...(scenario.image === 'failing' ? [stage.reference('v2')] : []),
  ]);

  /** A target that has kept requests from being answered, and that no fault explains; null: there is none. */
  const unexplained = ({ targetGroup, at }: Failed): string | null => {
    const targets = [...(world.targetGroups.get(targetGroup ?? '')?.targets.values() ?? [])];
    const open = targets.filter((target) => !isDraining(target));
    const isAnyHealthy = open.some(({ state }) => state === 'healthy');
    const routed = open.filter(({ state }) => state === 'healthy' || !isAnyHealthy);
    const mayCost = struck().some(({ kind }) => kinds[kind].costs !== 'none');
    const isExplained = (id: string): boolean => {
      if (!mayCost) return false;
      // Requests go to all of them, those that boot in place of lost ones included.
      if (!isAnyHealthy) return stage.silenced.size > 0;
      const silenced = stage.silenced.get(id);
      if (silenced === undefined) return false;
      // What was told of in time costs nothing, unless something else has struck, too.
      if (silenced.costs === 'inFlight' && struck().length === 1) return false;
      return at - silenced.since <= seen;
    };
    const stranger = routed.find(({ instance: { id, answers } }) => !answers && !isExplained(id));
    return stranger?.instance.id ?? null;
  };

  /** A fault has silenced all that answered in this target group, too short ago for a look at it and an edit. */
  const isJustLost = ({ targetGroup, at }: Failed): boolean => {
    const { slots } = stage.service;
    const there = [...world.instances.values()].filter(({ tags }) => {
      const slot = tags['cutover:slot'];
      return (slot === 'blue' || slot === 'green') && slots[slot] === targetGroup;
    });
    const since = there.map(({ id }) => stage.silenced.get(id)?.since ?? Number.NEGATIVE_INFINITY);
    return there.every(({ answers }) => !answers) && at - Math.max(...since) <= seen;
  };

  return (failed) => {
    const { cause, image, requests } = failed;
    // Unless faults have silenced as many as serve, or, just now, all that one slot had.
    if (cause === 'nobody' && (stage.silenced.size >= stage.counts.least || isJustLost(failed))) return;
    if (cause === 'nobody') return say('R3', `${requests} requests found no target`);
    if (cause !== 'connection') {
      if (!bad.has(image)) say('R3', `${requests} requests failed of an image that is good`);
      return;
    }
    const stranger = unexplained(failed);
    if (stranger !== null)
      say('R3', `${requests} requests went to ${stranger}, which no fault has kept from answering`);
  };
};
