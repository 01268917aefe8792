/** Releases, their order, and what is refused. */
import { describe, expect, test } from 'vitest';
import { releaseOf } from '../../../core/basics/image.ts';
import { ami, imageBuilder, parameter } from '../../../core/index.ts';
import type { AttemptRecord, Outcome } from '../../../core/release/publications.ts';
import { publicationOf, refusal } from '../../../core/release/publications.ts';
import { image, live, minute, publication, row, service, start } from '../build.ts';

const record = (attempt: number, outcome: Outcome, reason = 'of no interest'): AttemptRecord => ({
  service: 'checkout',
  release: 'b'.repeat(12),
  image: image('b'),
  attempt,
  outcome,
  reason,
  at: start,
});

const newer = (digit: string, different = {}) => publication(digit, { order: start + minute, ...different });

describe('a publication', () => {
  const found = { image: image('b'), order: start - 5 * minute };
  const now = start;

  test('stands at its registry time where nobody asked', () => {
    expect(publicationOf(found, { asked: false, by: 'an event', now, records: [] })).toEqual(
      publication('b', { order: start - 5 * minute }),
    );
  });

  test('stands where it was asked for, however old the image', () => {
    expect(publicationOf(found, { asked: true, by: 'ann', now, records: [] })).toMatchObject({
      order: now,
      asked: true,
      by: 'ann',
    });
  });

  test('is one more than the highest attempt on record, in whatever order the records come', () => {
    const records = [record(1, 'superseded'), record(3, 'failed'), record(2, 'failed')];
    expect(publicationOf(found, { asked: true, by: 'ann', now, records }).attempt).toBe(4);
  });
});

describe('another image whose digest begins with the same twelve digits', () => {
  const twin = { reference: `acme/checkout@sha256:${'a'.repeat(12)}${'b'.repeat(52)}`, label: 'twin' };
  const published = newer('a', { image: twin });

  test('is not live already', () => {
    expect(refusal(published, row(), [])).toBeNull();
    expect(refusal(newer('a'), row(), [])).toMatch(/^live already: /);
  });

  test('has not failed before', () => {
    const failed = { ...record(1, 'failed'), release: 'a'.repeat(12), image: image('a') };
    expect(refusal(published, row({ live: null }), [failed])).toBeNull();
    expect(refusal(newer('a'), row({ live: null }), [failed])).toMatch(/^failed before: /);
  });

  test('gets an attempt of its own number', () => {
    const asking = { asked: false, by: 'an event', now: start, records: [{ attempt: 1 }] };
    expect(publicationOf({ image: twin, order: start }, asking)).toMatchObject({ release: 'a'.repeat(12), attempt: 2 });
  });
});

test('what nobody asked for waits for what a person asked for and is not rolled out yet', () => {
  const waiting = row({ next: publication('c', { asked: true, by: 'ann' }) });
  expect(refusal(newer('b'), waiting, [])).toBe(
    `not yet: release-c (${'c'.repeat(12)}), which ann asked for, is rolled out before release-b (${'b'.repeat(12)})`,
  );
  expect(refusal(newer('c'), waiting, [])).toBeNull();
  expect(refusal(newer('b', { asked: true }), waiting, [])).toBeNull();
});

describe('refused is', () => {
  test('what is no service of ours', () => {
    expect(refusal(null, null, [], { what: 'acme/other:1', service: null })).toBe(
      "nobody's: no service takes acme/other:1",
    );
  });

  test('what has vanished', () => {
    expect(refusal(null, row(), [], { what: 'sha256:7', service: service() })).toBe(
      'vanished: sha256:7 does not exist (any more) in the repository acme/checkout (tags release-*)',
    );
    expect(refusal(null, row(), [])).toBe('vanished: it does not exist (any more)');
  });

  test.each([
    [ami({ name: 'web-*' }), 'the AMIs named web-* (owner self)'],
    [
      imageBuilder('arn:aws:imagebuilder:eu-west-1:123456789012:image/web'),
      "Image Builder's arn:aws:imagebuilder:eu-west-1:123456789012:image/web",
    ],
    [parameter('/web/ami'), 'the parameter /web/ami'],
  ])('what has vanished from %j', (source, where) => {
    expect(refusal(null, null, [], { what: 'it', service: service({ image: source }) })).toBe(
      `vanished: it does not exist (any more) in ${where}`,
    );
  });

  test('a release that has failed, with its last attempt’s reason, even where the row is new', () => {
    const records = [record(1, 'failed', 'first'), record(2, 'refused', 'second'), record(3, 'superseded', 'third')];
    expect(refusal(newer('b', { attempt: 4 }), null, records)).toContain('attempt 2 was refused at');
    expect(refusal(newer('b', { attempt: 4 }), null, records)).toContain(': second;');
  });

  test('what failed before, though another attempt of it holds the service', () => {
    const other = { state: 'reserved', publication: newer('b', { attempt: 7 }) } as const;
    expect(refusal(newer('b', { attempt: 2 }), row({ lock: other }), [record(1, 'failed')])).toContain('failed before');
    const another = { state: 'reserved', publication: newer('c', { attempt: 2, order: start }) } as const;
    expect(refusal(newer('b', { attempt: 2 }), row({ lock: another }), [record(1, 'failed')])).toContain(
      'failed before',
    );
  });

  test('what is no image, even if a person asked', () => {
    const nameless = newer('b', {
      release: '',
      image: { reference: 'acme/checkout:latest', label: 'latest' },
      asked: true,
    });
    expect(refusal(nameless, row(), [])).toBe(
      'not an image: acme/checkout:latest has neither a sha256 digest nor an AMI id, so it names no release',
    );
  });

  test('what is live already', () => {
    expect(refusal(newer('a'), row(), [])).toBe(
      'live already: release-a (aaaaaaaaaaaa) serves since 2026-01-05 09:00:00 UTC',
    );
  });

  test.each([
    ['is live', row({ live: live('c', { order: start + 61 * minute }) })],
    [
      'is rolling out',
      row({ lock: { state: 'held', publication: publication('c', { order: start + 61 * minute }), execution: 'x' } }),
    ],
    [
      'is rolling out',
      row({ lock: { state: 'reserved', publication: publication('c', { order: start + 61 * minute }) } }),
    ],
    ['is next', row({ next: publication('c', { order: start + 61 * minute }) })],
  ])('what is older than the one that %s', (rank, given) => {
    expect(refusal(newer('b'), given, [])).toBe(
      `older: release-b (bbbbbbbbbbbb) is 1 hour older than release-c (cccccccccccc), which ${rank}`,
    );
  });

  test.each([
    [
      'failed',
      'failed before: release-b (bbbbbbbbbbbb), attempt 1 failed at 2026-01-05 09:00:00 UTC: too many errors; a person may ask for it again',
    ],
    [
      'refused',
      'refused before: release-b (bbbbbbbbbbbb), attempt 1 was refused at 2026-01-05 09:00:00 UTC: too many errors; a person may ask for it again',
    ],
  ] as const)('what %s before', (outcome, expected) => {
    expect(refusal(newer('b', { attempt: 2 }), row(), [record(1, outcome, 'too many errors')])).toBe(expected);
  });
});

describe('not refused is', () => {
  test('a newer image', () => {
    expect(refusal(newer('b'), row(), [])).toBeNull();
    expect(refusal(newer('b'), null, [], { what: 'sha256:b', service: service() })).toBeNull();
  });

  test('one as old as what is live', () => {
    expect(refusal(publication('b'), row(), [])).toBeNull();
    expect(refusal(newer('b'), row({ live: null }), [])).toBeNull();
  });

  test('one that was live or superseded before', () => {
    expect(refusal(newer('b', { attempt: 3 }), row(), [record(1, 'live'), record(2, 'superseded')])).toBeNull();
  });

  test('the attempt that the row is reserved for, after an earlier one ended before admission', () => {
    const reserved = newer('b', { attempt: 2 });
    const records = [record(1, 'failed', 'its execution ended before it was admitted')];
    expect(refusal(reserved, row({ lock: { state: 'reserved', publication: reserved } }), records)).toBeNull();
  });

  test('the publication that is next or rolling out itself', () => {
    const later = newer('b', { order: start + 5 * minute });
    expect(refusal(newer('b'), row({ next: later }), [])).toBeNull();
    expect(refusal(newer('b'), row({ lock: { state: 'reserved', publication: later } }), [])).toBeNull();
  });

  test('anything a person asks for: live already, older, failed before', () => {
    const asked = { asked: true };
    expect(refusal(newer('a', asked), row(), [])).toBeNull();
    expect(refusal(publication('b', { order: 0, ...asked }), row(), [])).toBeNull();
    expect(refusal(newer('b', asked), row(), [record(1, 'failed')])).toBeNull();
  });
});

test.each([
  [
    'the first twelve digits of its digest',
    { reference: `acme/x@sha256:${'0123456789abcdef'.repeat(4)}`, label: 'x' },
    '0123456789ab',
  ],
  ['its AMI’s id', { reference: 'x', ami: 'ami-0abc', label: 'x' }, '0abc'],
  ['its AMI’s id, however that is written', { reference: 'x', ami: 'x-ami-1', label: 'x' }, 'x-ami-1'],
  ['nothing, with a tag alone', { reference: 'acme/x:latest', label: 'x' }, ''],
  ['nothing, with half a digest', { reference: `acme/x@sha256:${'a'.repeat(63)}`, label: 'x' }, ''],
  ['nothing, with more than a digest', { reference: `acme/x@sha256:${'a'.repeat(64)}!`, label: 'x' }, ''],
])('a release is named by %s', (_, given, name) => {
  expect(releaseOf(given)).toBe(name);
});
