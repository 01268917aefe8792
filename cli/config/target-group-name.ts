/** A target group that does not exist yet is written by its name; `cutover adopt` makes it. */
import { type Problem, valueAt } from '../../core/config/problems.ts';

/** ELB's rule for the name of a target group. */
export const isTargetGroupName = (value: unknown): value is string =>
  typeof value === 'string' && /^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(value);

/** What to do about a slot that names a target group where an ARN is expected; empty for every other problem. */
export const adoptHint = (written: unknown, { path }: Problem): string => {
  const [, service, slot] = /^([^.]+)\.slots\.(blue|green)$/.exec(path) ?? [];
  if (service === undefined || slot === undefined || !isTargetGroupName(valueAt(written, [service, 'slots', slot])))
    return '';
  return `; if there is no such target group yet, \`cutover adopt ${service} --write\` makes it and writes its ARN here`;
};
