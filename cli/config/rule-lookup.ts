/** A first configuration from what an account has around a listener rule. */
import { Rejected } from '../../core/basics/errors.ts';
import type { Around, Inspection } from '../../pipeline/ports/inspection.ts';
import type { Draft } from './draft.ts';

export interface Observed {
  draft: Omit<Draft, 'image'> & { image: Draft['image'] | null };
  /** What is still to be made or said. */
  notes: string[];
}

/** `web-42-2026` and `web-41-2026` come from one line of images: digits are what differs. */
const patternOf = (image: string): string => image.replaceAll(/\d[\d.-]*\d|\d/g, '*').replaceAll(/\*+/g, '*');

const slotsOf = ({ targetGroups }: Around, name: string): { slots: Draft['slots']; note: string | null } => {
  const [blue, green, ...more] = targetGroups.toSorted((a, b) => b.percent - a.percent || a.name.localeCompare(b.name));
  if (blue === undefined || more.length > 0)
    throw new Rejected({
      problem: `that rule leads to ${targetGroups.length} target groups, and a service has two`,
      remedy: 'name a rule that leads to one or two',
    });
  // Where blue and green are said already, they stay what they are called.
  const swapped = green !== undefined && /green/.test(blue.name) && /blue/.test(green.name);
  if (green !== undefined)
    return { slots: swapped ? { blue: green.arn, green: blue.arn } : { blue: blue.arn, green: green.arn }, note: null };
  const second = `${blue.name.replace(/-blue$/, '').slice(0, 26)}-green`;
  return {
    slots: { blue: blue.arn, green: second },
    note: `There is no second target group yet: \`cutover adopt ${name}\` makes ${second} like the first one.`,
  };
};

/** Throws Rejected where nothing serves behind the rule that a fleet could be made of. */
export const observe = async (
  inspection: Pick<Inspection, 'around'>,
  rule: string,
  name: string,
): Promise<Observed> => {
  const around = await inspection.around(rule);
  const { slots, note } = slotsOf(around, name);
  const groupAt = (arn: string) => around.groups.find(({ targetGroups }) => targetGroups.includes(arn));
  const [first, second] = [groupAt(slots.blue), groupAt(slots.green)];
  const serving = first ?? second;
  if (serving === undefined)
    throw new Rejected({
      problem: 'no Auto Scaling group is attached to the target groups of that rule',
      remedy: 'say what launches its instances with --fleet, and its target groups with --slots',
    });
  const beside = `${serving.name.replace(/-blue$/, '')}-green`;
  const missing = second === undefined || first === undefined;
  return {
    draft: {
      name,
      image: serving.image === null ? null : { kind: 'ami', name: patternOf(serving.image) },
      fleet: { kind: 'groups', blue: first?.name ?? beside, green: second?.name ?? beside },
      rules: around.rules,
      slots,
      health: around.health,
      alarms: [],
      local: false,
    },
    notes: [
      ...(note === null ? [] : [note]),
      ...(missing
        ? [`There is no Auto Scaling group ${beside} yet: make it like ${serving.name}, at 0 (examples/terraform).`]
        : []),
    ],
  };
};
