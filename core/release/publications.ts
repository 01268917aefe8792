/** Publications: an image that is wanted live, how earlier attempts ended, and the one function that refuses it. */

import { formatDuration } from '../basics/duration.ts';
import { formatTime } from '../basics/format.ts';
import { type Image, isSameImage, releaseOf } from '../basics/image.ts';
import type { Service } from '../config/service.ts';
import { sourceText } from '../config/sources/sources.ts';

/** An image that somebody or something wants live. */
export interface Publication {
  /** Names the release: the first 12 hex digits of a digest, or an AMI's id without `ami-`. */
  release: string;
  image: Image;
  /** Which try this would be: one more than the attempts on record for the release. */
  attempt: number;
  /** Where it stands among its service's publications: the time it was asked for, or its registry's push or creation time if nobody asked. */
  order: number;
  /** A person asked for it: it may go back to an older release, repeat the live one, or retry one that failed. */
  asked: boolean;
  /** Who or what published it, for people to read. */
  by: string;
}

/** Whose turn a service is: reserved for a publication whose execution is being started, or held by a running one. */
export type Lock =
  | { state: 'free' }
  | { state: 'reserved'; publication: Publication }
  | { state: 'held'; publication: Publication; execution: string };

export type Outcome = 'live' | 'failed' | 'superseded' | 'refused';

/** How one attempt, or one publication that never got one, ended. Written once, never overwritten. */
export interface AttemptRecord {
  service: string;
  release: string;
  /** Kept here so that a re-run finds the image by its release alone. */
  image: Image;
  attempt: number;
  outcome: Outcome;
  reason: string;
  at: number;
}

/** The publication that holds or has reserved the service, if any. */
export const holderOf = ({ lock }: { lock: Lock }): Publication | null =>
  lock.state === 'free' ? null : lock.publication;

/** What is known of a service's releases: what is live, what rolls out, what is next. A row is one. */
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
 * The publication that an image makes. It stands where it was asked for in time; the registry's push or creation time counts only
 * where nobody asked. Its attempt is one more than the highest on record.
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

/** What was announced or asked for, for the reasons that come before there is a publication. */
export interface Sought {
  what: string;
  /** Null: nobody's. */
  service: Service | null;
}

/**
 * Why an image is not rolled out, as a sentence; null: it may be. Asked before an execution is started, and again at admission. What a
 * person asked for is refused only where it cannot be: going back, repeating and retrying are theirs to decide.
 *
 * `publication` null: looked for and not found. `row` null: nothing was ever decided about the service. `records`: every attempt on
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
  // Once that has ended, reconcile finds this one again.
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
  // The row has already decided that this very attempt shall be made, earlier ones notwithstanding.
  const held = row === null ? null : holderOf(row);
  const decided = held !== null && isSameImage(held, publication) && held.attempt === attempt;
  if (final === undefined || decided) return null;
  const ended = `attempt ${final.attempt} ${final.outcome === 'failed' ? 'failed' : 'was refused'} at ${formatTime(final.at)}`;
  return `${final.outcome} before: ${image.label} (${release}), ${ended}: ${final.reason}; a person may ask for it again`;
};
