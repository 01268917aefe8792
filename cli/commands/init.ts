/** `cutover init`: writes a first cutover.config.ts, from what an account has or from what a person says. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { arnParts } from '../../core/basics/arn.ts';
import { Rejected } from '../../core/basics/errors.ts';
import { parseServices, problemText } from '../../core/index.ts';
import { withArns } from '../config/adoption-file.ts';
import { fleetOf, imageOf, imageOptions, rulesOf, slotsOf } from '../config/answers.ts';
import { type Draft, textOf } from '../config/draft.ts';
import { type Observed, observe } from '../config/rule-lookup.ts';
import { type Context, globals } from '../context.ts';
import { mistakes } from '../failure.ts';
import { createFile } from '../files.ts';
import { withLocalCloud } from '../pipeline/connect.ts';

const file = 'cutover.config.ts';

const help = `
There are three ways. In a terminal, the command asks for what is missing.
  --rule <ARN>   looks up target groups, Auto Scaling groups, other rules, health path and the machine image's name in your current AWS account, or with --stage local in the running local cloud. It only reads
  --local        uses made-up ARNs, for \`cutover local up\`. Replace them before you deploy to AWS
  options        --image, --fleet, --rules and --slots give everything

Examples:
  cutover init shop --local
  AWS_PROFILE=production cutover init shop --rule arn:aws:…:listener-rule/app/web/…
  cutover init shop --image 'ecr:acme/shop#release-*' --fleet groups:shop-blue,shop-green --rules arn:… --slots arn:…,arn:…`;

interface Options {
  rule?: string;
  local?: boolean;
  stage?: string;
  image?: string;
  fleet?: string;
  rules?: string;
  slots?: string;
  health?: string;
}

export const init = (context: Context): Command =>
  new Command('init')
    .description(`Write a first ${file}: from your AWS account, from options, or for this machine.`)
    .argument('<service>', 'its name: lower-case letters, digits and hyphens')
    .option('--rule <arn>', 'a listener rule of the service; the rest is looked up from it')
    .option('--stage <name>', 'local: look at the running local cloud instead of AWS')
    .option('--local', 'use made-up ARNs, for the local cloud')
    .option('--image <source>', imageOptions)
    .option('--fleet <fleet>', 'groups:<blue>,<green> or instances:<launch template>,<subnet>,…,<count>')
    .option('--rules <arns>', 'every listener rule of the service')
    .option('--slots <arns>', 'the target groups of blue and green')
    .option('--health <path>', 'a path that answers when the program is healthy')
    .addHelpText('after', help)
    .action(async (name: string, options: Options, command: Command) => {
      const { terminal, data, shownData } = globals(context, command);
      const path = join(context.cwd, file);
      if (existsSync(path))
        throw new Rejected(
          `there is a ${file} already, and it was not changed: add the service to it, or move it away`,
        );
      const looking = options.stage === 'local' ? { data, shownData } : null;
      const { draft, notes } = await draftOf(name, options, looking);
      const { image, fleet, rules, slots } = draft;
      const parsed = parseServices(withArns({ [name]: { image, fleet, rules, slots } }));
      if (!parsed.ok) throw mistakes(parsed.problems.map(problemText));
      createFile(path, textOf(draft, notes));
      terminal.say(`${file} is written, with the service ${name}.`);
      for (const note of notes) terminal.say(`- ${note}`);
      terminal.say(
        options.local === true
          ? `Next: cutover local up, and cutover publish <folder> --service ${name} from another terminal.`
          : `Next: cutover validate --stage <name>, which reads the account, and cutover plan ${name}.`,
      );
      terminal.data({ file: path, service: name, notes });
    });

const madeUp = (name: string): Draft => {
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
  return {
    name,
    image: { kind: 'ecr', repository: `local/${name}`, tags: ['*'] },
    fleet: { kind: 'instances', launchTemplate: name, subnets: ['subnet-0a0a0a0a', 'subnet-0b0b0b0b'], count: 2 },
    rules: [`${arn}:listener-rule/app/local/0123456789abcdef/0123456789abcdef/0123456789abcdef`],
    slots: {
      blue: `${arn}:targetgroup/${name.slice(0, 26)}-blue/0123456789abcdef`,
      green: `${arn}:targetgroup/${name.slice(0, 26)}-green/0123456789abcdef`,
    },
    health: '/health',
    alarms: [],
    local: true,
  };
};

const draftOf = async (
  name: string,
  options: Options,
  looking: { data: string; shownData: string } | null,
): Promise<{ draft: Draft; notes: string[] }> => {
  const said = {
    ...(options.image !== undefined && { image: imageOf(options.image) }),
    ...(options.fleet !== undefined && { fleet: fleetOf(options.fleet) }),
    ...(options.rules !== undefined && { rules: rulesOf(options.rules) }),
    ...(options.slots !== undefined && { slots: slotsOf(options.slots) }),
    ...(options.health !== undefined && { health: options.health }),
  };
  if (options.local === true)
    return {
      draft: { ...madeUp(name), ...said },
      notes: ['Made-up ARNs: right for the local cloud, to be replaced before AWS.'],
    };
  const { draft, notes } = options.rule === undefined ? nothing(name) : await observed(options.rule, name, looking);
  const known = { ...draft, ...said };
  return { draft: await completed(known), notes };
};

const nothing = (name: string): { draft: Partial<Draft> & Pick<Draft, Given>; notes: string[] } => ({
  draft: { name, health: null, alarms: [], local: false },
  notes: [],
});

const observed = async (
  rule: string,
  name: string,
  looking: { data: string; shownData: string } | null,
): Promise<Observed> => {
  const [arn = ''] = rulesOf(rule);
  if (looking !== null)
    return withLocalCloud(looking.data, looking.shownData, ({ ports }) => observe(ports.inspection, arn, name));
  // Loaded late, like all that needs the SDK's clients.
  const { lookingIn } = await import('../pipeline/account.ts');
  return observe(lookingIn(arnParts(arn).region).inspection, arn, name);
};

/** What needs no answer. */
type Given = 'name' | 'health' | 'alarms' | 'local';
type Known = Partial<Omit<Draft, 'image'>> & Pick<Draft, Given> & { image?: Draft['image'] | null };

/** Asks for the missing answers; where nobody can answer, names them. */
const completed = async ({ image, fleet, rules, slots, ...given }: Known): Promise<Draft> => {
  const missing = [
    ...(image == null ? ['--image'] : []),
    ...(fleet === undefined ? ['--fleet'] : []),
    ...(rules === undefined ? ['--rules'] : []),
    ...(slots === undefined ? ['--slots'] : []),
  ];
  if (missing.length > 0 && process.stdin.isTTY !== true)
    throw new Rejected({
      problem: `expected ${missing.join(', ')}, found nothing`,
      remedy: 'give these options, or --rule to have them looked up, or --local',
    });
  const asking = missing.length > 0 ? createInterface({ input: process.stdin, output: process.stderr }) : null;
  const ask = async <T>(question: string, read: (text: string) => T): Promise<T> => {
    for (;;) {
      const text = (await asking?.question(`${question}: `)) ?? '';
      try {
        return read(text);
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        process.stderr.write(`  ${error.message}\n`);
      }
    }
  };
  try {
    return {
      ...given,
      image: image ?? (await ask('Where do its images come from, like ecr:acme/shop#release-* or ami:shop-*', imageOf)),
      fleet:
        fleet ??
        (await ask('What does it run on, like groups:shop-blue,shop-green or instances:shop,subnet-0a1b,4', fleetOf)),
      rules: rules ?? (await ask('The ARNs of every listener rule of the service, with commas', rulesOf)),
      slots: slots ?? (await ask('The ARNs of its two target groups, with a comma', slotsOf)),
    };
  } finally {
    asking?.close();
  }
};
