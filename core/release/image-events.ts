/**
 * Image sources. A source is two functions: `matches`, here, says whether an event announces an image of it and what to look up;
 * the Images port's `find` looks that up. An event is a hint: it may be late, doubled, or about an image that has gone since.
 */
import * as z from 'zod';
import { globMatches } from '../basics/glob.ts';
import type { ImageSource, Service } from '../config/service.ts';

/** What an event says about an image, by the kind of source that could want it. */
export type Announcement =
  | { kind: 'ecr'; repository: string; digest: string; tag: string | null }
  | { kind: 'ami'; id: string }
  | { kind: 'imageBuilder'; arn: string }
  | { kind: 'parameter'; name: string };

/** `what` is for the Images port's `find`. Not `sure`: only looking it up tells whether it is this source's image. */
export interface Match {
  what: string;
  sure: boolean;
}

/** An announcement, or the reason why there is none. */
type Read = (event: z.output<typeof envelope>) => Announcement | string;

const envelope = z.object({
  'detail-type': z.string(),
  resources: z.array(z.string()).default([]),
  detail: z.unknown(),
});

/** A detail that lacks what it must have is no image, whatever else it is. */
const reading =
  <Detail>(detail: z.ZodType<Detail>, read: (detail: Detail, resources: string[]) => Announcement | string): Read =>
  (event) => {
    const parsed = detail.safeParse(event.detail);
    if (parsed.success) return read(parsed.data, event.resources);
    const missing = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    return `this "${event['detail-type']}" event lacks ${missing === '' ? 'a detail' : missing}`;
  };

/** Some events carry an ARN where others carry the name: `arn:aws:ssm:…:parameter/checkout/ami` → `checkout/ami`. */
const nameIn = (nameOrArn: string): string => nameOrArn.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:[^/]*\//, '');

const readers: Record<string, Read> = {
  'ECR Image Action': reading(
    z.object({
      'action-type': z.string(),
      result: z.string(),
      'repository-name': z.string(),
      'image-digest': z.string().regex(/^sha256:[0-9a-f]{64}$/),
      // One tag per event, and none for an image pushed by digest, such as one platform's part of a larger image.
      'image-tag': z.string().nullish(),
    }),
    ({ 'action-type': action, result, 'repository-name': repository, 'image-digest': digest, 'image-tag': tag }) =>
      action === 'PUSH' && result === 'SUCCESS'
        ? { kind: 'ecr', repository: nameIn(repository), digest, tag: tag || null }
        : `it is a ${action} with the result ${result}, not a successful PUSH`,
  ),
  'EC2 AMI State Change': reading(
    z.object({ ImageId: z.string().regex(/^ami-[0-9a-f]+$/), State: z.string() }),
    ({ ImageId: id, State: state }) =>
      state === 'available' ? { kind: 'ami', id } : `${id} is ${state}, not available`,
  ),
  'EC2 Image Builder Image State Change': reading(
    z.object({ state: z.object({ status: z.string() }) }),
    ({ state: { status } }, [arn]) => {
      if (status !== 'AVAILABLE') return `the build is ${status}, not AVAILABLE`;
      return arn === undefined ? 'it names no image' : { kind: 'imageBuilder', arn };
    },
  ),
  'Parameter Store Change': reading(z.object({ operation: z.string(), name: z.string() }), ({ operation, name }) =>
    operation === 'Create' || operation === 'Update'
      ? { kind: 'parameter', name: nameIn(name) }
      : `${name} had a ${operation}, not a Create or Update`,
  ),
};

/** Reads any event. The reason, where there is no image in it, ends a sentence that begins "not an image: ". */
export const announced = (event: unknown): Announcement | string => {
  const parsed = envelope.safeParse(event);
  if (!parsed.success) return 'it is no EventBridge event';
  const type = parsed.data['detail-type'];
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  return read === undefined ? `"${type}" events announce none` : read(parsed.data);
};

type SourceOf<Kind> = Extract<ImageSource, { kind: Kind }>;
type AnnouncementOf<Kind> = Extract<Announcement, { kind: Kind }>;

const withoutSlash = (name: string): string => name.replace(/^\//, '');

const matchers: {
  [Kind in ImageSource['kind']]: (source: SourceOf<Kind>, announcement: AnnouncementOf<Kind>) => Match | null;
} = {
  // The digest and not the tag: by the time anyone looks, the tag may be on another image.
  ecr: ({ repository, tags }, { repository: pushed, digest, tag }) =>
    pushed === repository && tag !== null && tags.some((pattern) => globMatches(pattern, tag))
      ? { what: digest, sure: true }
      : null,
  // The event has neither name nor owner, and comes for copies and re-enabled old images too.
  ami: (_, { id }) => ({ what: id, sure: false }),
  // The build's ARN has a version and a build number after the configured one.
  imageBuilder: ({ arn }, { arn: built }) =>
    built === arn || built.startsWith(`${arn}/`) ? { what: built, sure: true } : null,
  // Neither value nor version: whoever looks reads the newest.
  parameter: ({ name }, { name: changed }) =>
    withoutSlash(changed) === withoutSlash(name) ? { what: name, sure: true } : null,
};

const matchOf = <Kind extends ImageSource['kind']>(source: SourceOf<Kind>, announcement: Announcement): Match | null =>
  source.kind === announcement.kind
    ? matchers[source.kind as Kind](source, announcement as AnnouncementOf<Kind>)
    : null;

/** Does the event announce an image of this source? */
export const matches = (source: ImageSource, event: unknown): Match | null => {
  const announcement = announced(event);
  return typeof announcement === 'string' ? null : matchOf(source, announcement);
};

export interface Matched {
  matches: (Match & { service: Service })[];
  /** Why nothing matched, as a sentence; null when something did. */
  reason: string | null;
}

/** The services whose source the event concerns. */
export const matchServices = (event: unknown, services: readonly Service[]): Matched => {
  const announcement = announced(event);
  if (typeof announcement === 'string') return { matches: [], reason: `not an image: ${announcement}` };
  const matched = services.flatMap((service) => {
    const match = matchOf(service.image, announcement);
    return match === null ? [] : [{ ...match, service }];
  });
  return {
    matches: matched,
    reason: matched.length > 0 ? null : `nobody's: no service takes ${namedImage(announcement)}`,
  };
};

const namedImage = (announcement: Announcement): string => {
  switch (announcement.kind) {
    case 'ecr':
      return `${announcement.repository}${announcement.tag === null ? ' without a tag' : `:${announcement.tag}`}`;
    case 'ami':
      return announcement.id;
    case 'imageBuilder':
      return announcement.arn;
    case 'parameter':
      return `the parameter ${announcement.name}`;
    default:
      return announcement satisfies never;
  }
};
