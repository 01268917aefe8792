/** Publishing an image on a laptop: a folder is frozen into the local registry and pushed under a tag, whose event wakes the pipeline. */
import { basename, resolve } from 'node:path';
import { Rejected } from '../../core/basics/errors.ts';
import { globMatches } from '../../core/basics/glob.ts';
import type { Service } from '../../core/config/service.ts';
import { type FrozenImage, freeze } from '../../local/registry.ts';
import { requireUtf8 } from '../files.ts';

export interface PushRequest {
  repository: string;
  digest: string;
  tags: string[];
}

/** `my-app` under the pattern `release-*` → `release-my-app`; `release-7` stays as it is. */
const tagUnder = (pattern: string, folder: string): string =>
  globMatches(pattern, folder) ? folder : pattern.replaceAll('*', folder).replaceAll('?', 'x').slice(0, 128);

/** The tag an image is pushed under: the given one, or one made of the folder's name that the service takes. */
const tagFor = (service: Service, patterns: string[], folder: string, given: string | undefined): string => {
  const name =
    basename(resolve(folder))
      .replaceAll(/[^\w.-]/g, '-')
      .replace(/^[.-]+/, '') || 'image';
  const tag =
    given ?? patterns.map((pattern) => tagUnder(pattern, name)).find((made) => /^\w[\w.-]*$/.test(made)) ?? name;
  if (!/^\w[\w.-]{0,127}$/.test(tag))
    throw new Rejected(`--tag: expected at most 128 letters, digits, _ . and -, found "${tag}": choose another tag`);
  if (patterns.some((pattern) => globMatches(pattern, tag))) return tag;
  throw new Rejected(
    `${service.name} takes no image under the tag ${tag}; its tags are ${patterns.join(', ')}: choose one of these with --tag`,
  );
};

/** Freezes the folder and pushes it. Throws Rejected for a folder that could not run, before anything is pushed. */
export const pushFolder = async (
  {
    folder,
    cwd,
    service,
    tag,
    registry,
  }: { folder: string; cwd: string; service: Service; tag?: string; registry: string },
  push: (request: PushRequest) => unknown,
): Promise<FrozenImage & { tag: string }> => {
  const { image } = service;
  if (image.kind !== 'ecr')
    throw new Rejected(
      `${service.name} takes its images from ${image.kind}(…); a folder can be published only where they come from ecr(…): set image: ecr(…) for the local cloud`,
    );
  const under = tagFor(service, image.tags, resolve(cwd, folder), tag);
  const frozen = await freeze(requireUtf8(resolve(cwd, folder), 'folder'), registry);
  await push({ repository: image.repository, digest: frozen.digest, tags: [under] });
  return { ...frozen, tag: under };
};
