/** Publications, how earlier attempts ended, and the one function that refuses a publication. */

import { formatDuration } from '../basics/duration.ts';
import { formatTime } from '../basics/format.ts';
import { type Image, isSameImage, releaseOf } from '../basics/image.ts';
import type { Service } from '../config/service.ts';
import { sourceText } from '../config/sources/sources.ts';

/** A request to bring an image live, from a person or from an event. */
export interface Publication {
  /** Names the release: the first 12 hex digits of a digest, or an AMI's id without `ami-`. */
  release: string;
  image: Image;
  /** The number of this attempt: one more than the attempts on record for the release. */
  attempt: number;
  /** Its place among the service's publications: the time at which a person asked, or else the registry's push or creation time. */
  order: number;
  /** A person asked for it. Only then may it go back to an older release, repeat the live one, or retry one that failed. */
  asked: boolean;
  /** Who or what published it, in words. */
  by: string;
}

/** Who has the service: it is reserved for a publication whose execution is being started, or held by a running execution. */
export type Lock =
  | { state: 'free' }
  | { state: 'reserved'; publication: Publication }
  | { state: 'held'; publication: Publication; execution: string };

export type Outcome = 'live' | 'failed' | 'superseded' | 'refused';

/** How one attempt, or a publication without an attempt, ended. Written once, never overwritten. */
export interface AttemptRecord {
  service: string;
  release: string;
  /** Kept so that a retry finds the image by its release. */
  image: Image;
  attempt: number;
  outcome: Outcome;
  reason: string;
  at: number;
}

/** The publication that holds the service or has it reserved, if any. */
export const holderOf = ({ lock }: { lock: Lock }): Publication | null =>
  lock.state === 'free' ? null : lock.publication;

/** The releases of a service: the live one, the one that rolls out, the next one. A row has them. */
export interface Standing {
  live: { release: string; image: Image; order: number; since: number } | null;
  next: Publication | null;
  lock: Lock;
}

export interface Asking {
  /** A person asked for it. */
  asked: boolean;
  /** Who or what publishes it. */
  by: string;
  now: number;
  /** Every attempt on record for the image's release. */
  records: readonly Pick<AttemptRecord, 'attempt'>[];
}

/**
 * Makes the publication of an image. If a person asked, its order is the time of the request; otherwise the registry's push or creation
 * time. Its attempt is one more than the highest on record.
 */
export const publicationOf = (
  { image, order }: { image: Image; order: number },
  { asked, by, now, records }: Asking,
): Publication => ({
  release: releaseOf(image),
  image,
  attempt: 1 + Math.max(0, ...records.map(({ attempt }) => attempt)),
  order: asked ? now : order,
  asked,
  by,
});

/** What was announced or asked for, for reasons that come before there is a publication. */
export interface Sought {
  what: string;
  /** Null: no service takes it. */
  service: Service | null;
}

/**
 * Why an image is not rolled out, as a sentence; null: it may be. Asked before an execution is started, and again at admission. A person's
 * request is refused only if it cannot be carried out: people may go back, repeat and retry.
 *
 * `publication` null: no image was found. `row` null: the service has never been rolled out. `records`: every attempt on
 * record for the release.
 */
export const refusal = (
  publication: Publication | null,
  row: Standing | null,
  records: readonly AttemptRecord[],
  sought?: Sought,
): string | null => {
  const what = sought?.what ?? publication?.image.reference ?? 'it';
  if (sought?.service === null) return `nobody's: no service takes ${what}`;
  if (publication === null)
    return `vanished: ${what} does not exist (any more)${sought ? ` in ${sourceText(sought.service.image)}` : ''}`;
  if (publication.release === '')
    return `not an image: ${publication.image.reference} has neither a sha256 digest nor an AMI id, so it names no release`;
  if (publication.asked) return null;
  return refusedByRow(publication, row) ?? refusedByRecords(publication, row, records);
};

const refusedByRow = (publication: Publication, row: Standing | null): string | null => {
  if (row === null) return null;
  const { release, image, order } = publication;
  const { live, next } = row;
  const held = holderOf(row);
  const isThis = (other: { image: Image } | null): boolean => other !== null && isSameImage(other, publication);
  if (live !== null && isThis(live))
    return `live already: ${image.label} (${release}) serves since ${formatTime(live.since)}`;
  const ranks = [
    { rank: 'is live', other: live },
    { rank: 'is rolling out', other: held },
    { rank: 'is next', other: next },
  ];
  for (const { rank, other } of ranks)
    if (other !== null && !isThis(other) && other.order > order) {
      const age = formatDuration((other.order - order) / 1000);
      return `older: ${image.label} (${release}) is ${age} older than ${other.image.label} (${other.release}), which ${rank}`;
    }
  // Once the other one has ended, reconcile finds this one again.
  if (next?.asked && !isThis(next) && !isThis(held))
    return `not yet: ${next.image.label} (${next.release}), which ${next.by} asked for, is rolled out before ${image.label} (${release})`;
  return null;
};

const refusedByRecords = (
  publication: Publication,
  row: Standing | null,
  records: readonly AttemptRecord[],
): string | null => {
  const { release, image, attempt } = publication;
  const final = records.findLast(
    (one) => (one.outcome === 'failed' || one.outcome === 'refused') && isSameImage(one, publication),
  );
  // The row has already decided to make this attempt, in spite of earlier ones.
  const held = row === null ? null : holderOf(row);
  const decided = held !== null && isSameImage(held, publication) && held.attempt === attempt;
  if (final === undefined || decided) return null;
  const ended = `attempt ${final.attempt} ${final.outcome === 'failed' ? 'failed' : 'was refused'} at ${formatTime(final.at)}`;
  return `${final.outcome} before: ${image.label} (${release}), ${ended}: ${final.reason}; a person may ask for it again`;
};
