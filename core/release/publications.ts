/** Releases and their order: what publishing an image asks for, and the one function that refuses it. */

import { formatDuration } from '../basics/duration.ts';
import { formatTime } from '../basics/format.ts';
import { type Image, releaseOf } from '../basics/image.ts';
import type { Service } from '../config/parse.ts';
import { type AttemptRecord, heldBy, type Publication, type Row } from '../protocol/row.ts';

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
  row: Row | null,
  records: readonly AttemptRecord[],
  sought?: Sought,
): string | null => {
  const what = sought?.what ?? publication?.image.reference ?? 'it';
  if (sought?.service === null) return `nobody's: no service takes ${what}`;
  if (publication === null)
    return `vanished: ${what} does not exist (any more)${sought ? ` in ${sourceText(sought.service)}` : ''}`;
  if (publication.release === '')
    return `not an image: ${publication.image.reference} has neither a sha256 digest nor an AMI id, so it names no release`;
  if (publication.asked) return null;
  return refusedByRow(publication, row) ?? refusedByRecords(publication, row, records);
};

const refusedByRow = ({ release, image, order }: Publication, row: Row | null): string | null => {
  if (row === null) return null;
  const { live, next } = row;
  if (live?.release === release)
    return `live already: ${image.label} (${release}) serves since ${formatTime(live.since)}`;
  const ranks = [
    { rank: 'is live', other: live },
    { rank: 'is rolling out', other: heldBy(row) },
    { rank: 'is next', other: next },
  ];
  for (const { rank, other } of ranks)
    if (other !== null && other.release !== release && other.order > order) {
      const age = formatDuration((other.order - order) / 1000);
      return `older: ${image.label} (${release}) is ${age} older than ${other.image.label} (${other.release}), which ${rank}`;
    }
  return null;
};

const refusedByRecords = (
  { release, image, attempt }: Publication,
  row: Row | null,
  records: readonly AttemptRecord[],
): string | null => {
  const final = records.findLast(({ outcome }) => outcome === 'failed' || outcome === 'refused');
  // The row has already decided that this very attempt shall be made, earlier ones notwithstanding.
  const held = row === null ? null : heldBy(row);
  const decided = held?.release === release && held.attempt === attempt;
  if (final === undefined || decided) return null;
  const ended = `attempt ${final.attempt} ${final.outcome === 'failed' ? 'failed' : 'was refused'} at ${formatTime(final.at)}`;
  return `${final.outcome} before: ${image.label} (${release}), ${ended}: ${final.reason}; a person may ask for it again`;
};

const sourceText = ({ image: source }: Service): string => {
  switch (source.kind) {
    case 'ecr':
      return `the repository ${source.repository} under ${source.tags.join(', ')}`;
    case 'ami':
      return `the AMIs ${source.name} of ${source.owner}`;
    case 'imageBuilder':
      return source.arn;
    case 'parameter':
      return `the parameter ${source.name}`;
    default:
      return source satisfies never;
  }
};
