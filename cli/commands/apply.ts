/** `cutover apply`: makes a configuration the one that new rollouts follow. */
import { Command } from 'commander';
import { localOnly } from '../../core/config/local-only.ts';
import { problemText } from '../../core/config/problems.ts';
import type { Service } from '../../core/config/service.ts';
import { unresolved } from '../../pipeline/operations/references.ts';
import { commitOf } from '../config/commit.ts';
import { readConfiguration } from '../config/config-file.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { mistakes } from '../failure.ts';
import { operating } from '../local/connected.ts';
import type { Operated } from '../pipeline/operator.ts';
import type { Terminal } from '../terminal.ts';

export const apply = (context: Context): Command =>
  withStage(new Command('apply'))
    .description('Put a configuration into force. Rollouts that are under way keep the one they began with.')
    .argument('[config]', 'its file (default: cutover.config.ts)')
    .addHelpText(
      'after',
      '\nOn a stage everything that it names has to be there: nothing is written otherwise. A service that is no longer in it is removed,\nunless a rollout holds it.\n\nExamples:\n  cutover apply                        into the running local cloud\n  cutover apply --stage production',
    )
    .action(async (config: string | undefined, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      const { file, shown, services } = await readConfiguration(config, context.cwd);
      await operating(place, async (operated) => {
        const { ports, configured } = operated;
        // The local cloud makes whatever a configuration names.
        if (operated.roles !== null) await refuseUnresolved(operated, services, shown, terminal);
        const authorship = { author: person(), commit: commitOf(file), at: Date.now() };
        const applied = await ports.ledger.applyConfiguration(services, authorship);
        const urls = await configured();
        for (const [what, names] of Object.entries(applied))
          for (const name of names) terminal.say(`${name}: ${what}${on(urls[name])}`);
        terminal.data({ ...applied, urls });
      });
    });

const on = (urls: string[] = []): string => (urls.length === 0 ? '' : `, on ${urls.join(' and ')}`);

/** Every name that leads nowhere, at once, before anything is written. */
const refuseUnresolved = async (
  { ports }: Operated,
  services: Service[],
  shown: string,
  terminal: Terminal,
): Promise<void> => {
  let done = 0;
  const problems = [
    ...services.flatMap(localOnly),
    ...(await unresolved(ports, services, () => terminal.status(`${++done} of ${services.length} services looked up`))),
  ];
  terminal.status('');
  if (problems.length > 0) throw mistakes(problems.map((problem) => `${shown}: ${problemText(problem)}`));
};
