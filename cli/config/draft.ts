/** A first configuration: what is known of a service, as the file that says so. */
import type { WrittenFleet, WrittenImage } from '../../core/config/define.ts';
import { sourceModuleOf } from '../../core/config/sources/sources.ts';

export interface Draft {
  name: string;
  image: WrittenImage;
  fleet: WrittenFleet;
  rules: string[];
  /** ARNs; or a name of a target group that `cutover adopt` makes. */
  slots: { blue: string; green: string };
  /** A path that answers when a fleet is well; null: nobody knows one. */
  health: string | null;
  alarms: string[];
  /** For the local cloud: bakes of seconds, and a clock that ticks as fast. */
  local: boolean;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`;

const imageText = (image: WrittenImage): string => `${image.kind}(${sourceModuleOf(image).written(image, quoted)})`;

const fleetText = (fleet: WrittenFleet): string =>
  fleet.kind === 'groups'
    ? `groups({ blue: ${quoted(fleet.blue)}, green: ${quoted(fleet.green)} })`
    : `instances({ launchTemplate: ${quoted(fleet.launchTemplate)}, subnets: ${list(fleet.subnets)}, count: ${fleet.count} })`;

/** The file's text. `notes`: what its reader has to know or do, above the service. */
export const textOf = (draft: Draft, notes: readonly string[]): string => {
  const { name, image, fleet, rules, slots, health, alarms, local } = draft;
  const uses = ['defineServices', image.kind, fleet.kind, ...(health === null ? [] : ['http']), 'canary'].toSorted();
  const checks = [
    ...(health === null ? [] : [`smoke: [http.get(${quoted(health)})]`]),
    ...(alarms.length === 0 ? [] : [`alarms: ${list(alarms)}`]),
  ];
  const key = /^[a-z_$][\w$]*$/i.test(name) ? name : quoted(name);
  return [
    `import { ${uses.join(', ')} } from 'cutover';`,
    '',
    ...notes.map((note) => `// ${note}`),
    'export default defineServices({',
    `  ${key}: {`,
    `    image: ${imageText(image)},`,
    `    fleet: ${fleetText(fleet)},`,
    '    rules: [',
    ...rules.map((rule) => `      ${quoted(rule)},`),
    '    ],',
    '    slots: {',
    `      blue: ${quoted(slots.blue)},`,
    `      green: ${quoted(slots.green)},`,
    '    },',
    `    // ${local ? 'Quick, for the local cloud' : 'The default'}; \`cutover plan ${name}\` prints every other one.`,
    ...(local
      ? [
          "    strategy: canary([5, 25, 50], { bake: '10 seconds', keepOldFor: '10 seconds' }),",
          "    timing: { period: '1 second', settling: '2 seconds' },",
        ]
      : ["    strategy: canary([5, 25, 50], { bake: '5 minutes', keepOldFor: '15 minutes' }),"]),
    ...(checks.length === 0 ? [] : [`    checks: { ${checks.join(', ')} },`]),
    '  },',
    '});',
    '',
  ].join('\n');
};
