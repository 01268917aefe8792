/** `cutover roll`: a deliberate rollout of an image that is there already, an older one included. */
import { Command } from 'commander';
import { Rejected } from '../../core/basics/errors.ts';
import { releaseOf } from '../../core/basics/image.ts';
import { nearest } from '../../core/config/suggest.ts';
import { publish } from '../../pipeline/operations/publish.ts';
import { named } from '../config/config-file.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { operating } from '../local/connected.ts';
import { ofRelease, publishedImages, publishedText } from '../pipeline/publications.ts';

export const roll = (context: Context): Command =>
  withStage(new Command('roll'))
    .description('Roll out an image that is in the registry; it may be older than the live one, or the live one again.')
    .argument('<service>', 'its name in the configuration')
    .argument('<image>', 'a tag, a digest, or a release as history shows it')
    .addHelpText('after', '\nExample, back to where we were:\n  cutover history shop\n  cutover roll shop 3f2a9c0d1e4b')
    .action(async (given: string, what: string, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      await operating(place, async ({ ports }) => {
        const name = named(given, await ports.ledger.services());
        const service = await ports.ledger.configuration(name);
        if (service === null) throw new Rejected(`${name} has no configuration any more`);
        const known = publishedImages(await ports.ledger.history(name));
        const reference = ofRelease(known, what)?.reference ?? what;
        const found = await ports.images.find(service, reference);
        if (found === null) {
          const meant = nearest(
            what,
            known.flatMap((image) => [image.label, releaseOf(image)]),
          );
          throw new Rejected(
            `${name} has no image ${what}; ${meant === undefined ? `see: cutover history ${name}` : `did you mean ${meant}?`}`,
          );
        }
        const published = await publish(ports, service, { what, found, asked: true, by: person() });
        const release = releaseOf(found.image);
        terminal.say(publishedText(published, { service: name, label: found.image.label, release }));
        terminal.data({ service: name, release, ...published });
      });
    });
