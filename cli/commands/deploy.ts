/** `cutover deploy`: a deliberate rollout of an image that is there already, an older one included. */
import { Command } from 'commander';
import { deploy as deployImage } from '../../pipeline/operations/deploy.ts';
import { type Context, globals, person, withStage } from '../context.ts';

import { withPipeline } from '../pipeline/connect.ts';
import { publishedText } from '../pipeline/published-text.ts';

export const deploy = (context: Context): Command =>
  withStage(new Command('deploy'))
    .description('Roll out an image from the registry, including an older or the live one.')
    .argument('<service>', 'its name in the configuration')
    .argument('<image>', 'a tag, a digest, or a release as history shows it')
    .addHelpText(
      'after',
      '\nExample, back to an older release:\n  cutover history shop\n  cutover deploy shop 3f2a9c0d1e4b',
    )
    .action(async (given: string, image: string, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async ({ ports }) => {
        const { service, release, label, published } = await deployImage(ports, {
          service: given,
          image,
          by: person(),
        });
        terminal.say(publishedText(published, { service, label, release }));
        terminal.data({ service, release, ...published });
      });
    });
