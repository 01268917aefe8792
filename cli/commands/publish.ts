/** `cutover publish`: freezes a folder into an image and asks for it to be rolled out. */

import { join } from 'node:path';
import { Command } from 'commander';
import { deployFound } from '../../pipeline/operations/deploy.ts';
import { serviceOrOnly } from '../../pipeline/operations/services.ts';
import { type Context, globals, person } from '../context.ts';
import { pushFolder } from '../local/publish-folder.ts';
import { withLocalCloud } from '../pipeline/connect.ts';
import { publishedText } from '../pipeline/published-text.ts';

const help = `
An image is a folder with a start command: "start" in its image.json, or scripts.start in its package.json. Cutover copies the folder and runs the copy, which has to listen on the port in PORT. To go back to an older image, publish it again.

Examples:
  cutover publish ./my-app --service shop
  cutover publish ./my-app --service shop --tag release-42`;

export const publish = (context: Context): Command =>
  new Command('publish')
    .description('Copy a folder into an image of the local cloud and roll it out.')
    .argument('<folder>', 'the folder of the program')
    .option('--service <name>', 'the service to roll it out to (default: the only configured one)')
    .option('--tag <tag>', "the tag of the image (default: the folder's name, in the service's pattern)")
    .addHelpText('after', help)
    .action(async (folder: string, options: { service?: string; tag?: string }, command: Command) => {
      const { terminal, data, shownData } = globals(context, command);
      await withLocalCloud(data, shownData, async ({ ports, call }) => {
        const service = await serviceOrOnly(ports, options.service);
        const { name } = service;
        const { digest, tag } = await pushFolder(
          {
            folder,
            cwd: context.cwd,
            service,
            registry: join(data, 'registry'),
            ...(options.tag !== undefined && { tag: options.tag }),
          },
          async (request) => {
            // Pushed before under this tag: its event would only be refused as that of an older image, beside the wish that follows.
            const known = await ports.images.find(service, request.digest);
            if (known === null || !request.tags.includes(known.image.label)) await call('push', request);
          },
        );
        const found = await ports.images.find(service, digest);
        if (found === null) throw new Error(`${digest} was pushed and is not there`);
        const { release, published } = await deployFound(ports, service, { what: tag, found, by: person() });
        terminal.say(publishedText(published, { service: name, label: tag, release }));
        terminal.say(`Follow it with: cutover status ${name} --follow`);
        terminal.data({ service: name, release, tag, digest, ...published });
      });
    });
