/** The values with which a release was admitted. They are kept apart from the row, so that an edit of the row cannot change what is launched. */
import { type Image, isSameImage } from '../basics/image.ts';
import type { Slot } from '../basics/slot.ts';
import { formatValue } from '../config/problems.ts';
import type { FleetConfiguration } from '../config/service.ts';
import type { Template } from './plan.ts';

export interface Admitted {
  image: Image;
  template: Template | null;
  /** Null for an adopted fleet, which is launched from the current configuration. */
  from: { fleet: FleetConfiguration; slots: Record<Slot, string>; rules: string[] } | null;
}

/** What is about to be launched; `from` null: it is launched from the current configuration. */
export type Launching = Admitted;

const templateText = (template: Template | null): string =>
  template === null ? 'none' : [template.id, template.version, template.image ?? ''].join(' ');

const placeText = (from: Admitted['from']): string => {
  if (from === null) return '';
  const { fleet, slots, rules } = from;
  const launching =
    fleet.kind === 'groups' ? [fleet.blue, fleet.green] : [fleet.launchTemplate, ...fleet.subnets.toSorted()];
  return [...launching, slots.blue, slots.green, ...rules.toSorted()].join(' ');
};

/** The difference between what is to be launched and what was admitted; null: there is none. */
export const launchDifference = (launching: Launching, admitted: Admitted): string | null => {
  if (!isSameImage(launching, admitted) || launching.image.reference !== admitted.image.reference)
    return `its image is ${formatValue(launching.image.ami ?? launching.image.reference)}, and ${formatValue(admitted.image.ami ?? admitted.image.reference)} was admitted`;
  const [template, then] = [templateText(launching.template), templateText(admitted.template)];
  if (template !== then)
    return `its launch template is ${formatValue(template)}, and ${formatValue(then)} was admitted`;
  if (launching.from === null || admitted.from === null) return null;
  const [place, before] = [placeText(launching.from), placeText(admitted.from)];
  return place === before
    ? null
    : `its fleet, slots or rules are ${formatValue(place)}, and ${formatValue(before)} were admitted`;
};
