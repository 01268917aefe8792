/** Which instances have come and gone since the last look, in words. */
import { count } from '../../core/basics/format.ts';
import type { Instance } from '../../local/simulated/resources.ts';
import type { World } from '../../local/simulated/world.ts';

/** Each instance's state when last looked at. */
export type Seen = Map<string, Instance['state']>;

const tag = ({ tags }: Instance, name: string): string => tags[`cutover:${name}`] ?? '';

/** The reason of an instance that was asked to go. */
const asked = 'Client.UserInitiatedShutdown';

/** Alike instances share a line: `+ 4 instances of v2 in green`. */
export const instanceLines = (
  world: Pick<World, 'instances'>,
  seen: Seen,
  labelOf: (release: string) => string,
): string[] => {
  const lines = new Map<string, number>();
  const add = (sign: string, instance: Instance, end: string): void => {
    const release = tag(instance, 'release');
    // One from before Cutover bears no release.
    const what = release === '' ? '' : ` of ${labelOf(release)} in ${tag(instance, 'slot')}`;
    const key = [sign, what, end].join('\0');
    lines.set(key, (lines.get(key) ?? 0) + 1);
  };
  for (const instance of world.instances.values()) {
    const before = seen.get(instance.id);
    seen.set(instance.id, instance.state);
    if (before === undefined) add('+', instance, '');
    if (instance.state === 'terminated' && before !== 'terminated')
      add(
        '-',
        instance,
        instance.reason === undefined || instance.reason.code === asked ? '' : `: ${instance.reason.message}`,
      );
  }
  return [...lines].map(([key, many]) => {
    const [sign, what, end] = key.split('\0');
    return `${sign} ${count(many, 'instance')}${what}${end}`;
  });
};
