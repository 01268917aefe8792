/** Launches instances, and nothing else does. It needs what was admitted, not only the row. */
import { Disbelieved } from '../../core/basics/errors.ts';
import type { Slot } from '../../core/basics/slot.ts';
import { launchDifference } from '../../core/plan/admitted.ts';
import type { FleetRelease, LaunchProof } from '../ports/fleet.ts';
import type { Ports } from '../ports/ports.ts';
import { eventOf, recordEvent } from './record.ts';

export type LaunchNeeds = Pick<Ports, 'ledger' | 'fleet' | 'notify' | 'now'>;

export interface Launched {
  launched: number;
  /** What was missing; null: nothing. */
  short: string | null;
  /** Why nothing is ever launched of this release; null: it may be launched. */
  refused: string | null;
}

/** Asks the fleet for `count` instances of the release. If it is not what was admitted, launches nothing and records a problem once a day. */
export const launch = async (
  ports: LaunchNeeds,
  release: FleetRelease,
  slot: Slot,
  count: number,
): Promise<Launched> => {
  try {
    const proof = proofOf(ports, release);
    return { ...(await ports.fleet.ensure(release, slot, count, proof)), refused: null };
  } catch (error) {
    if (!(error instanceof Disbelieved)) throw error;
    const refused = `nothing is launched for ${release.release} in ${slot}: ${error.message}; the row of ${release.service} in the ledger was edited. Mend it, or roll out a version again with cutover deploy ${release.service}`;
    const now = ports.now();
    const what = `refused/${slot}/${new Date(now).toISOString().slice(0, 10)}`;
    await recordEvent(ports, release.service, eventOf(release, now, 'launch', 'problem', refused, { what }));
    return { launched: 0, short: refused, refused };
  }
};

const proofOf =
  ({ ledger }: Pick<Ports, 'ledger'>, release: FleetRelease): LaunchProof =>
  async () => {
    const { service, attempt, image, template, fleet, from } = release;
    const admitted = await ledger.admitted(service, release.release, attempt);
    if (admitted === 'unrecorded') return 'image';
    // Adopted by an older version, which kept nothing: only its group's own template is launched.
    if (admitted === null && attempt === 0 && fleet.kind === 'groups') return 'image';
    if (admitted === null) throw new Disbelieved(`attempt ${attempt} of it was never admitted`);
    const difference = launchDifference({ image, template, from }, admitted);
    if (difference !== null) throw new Disbelieved(difference);
    return 'whole';
  };
