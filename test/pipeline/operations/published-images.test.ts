/** Images by the names that people give them. */
import { expect, test } from 'vitest';
import { ofRelease } from '../../../pipeline/operations/published-images.ts';

const image = (end: string) => ({ reference: `acme/shop@sha256:${'a'.repeat(52)}${end.repeat(12)}`, label: end });

test('a release that two images share names neither of them', () => {
  const release = 'a'.repeat(12);
  expect(ofRelease([image('a'), image('a')], release)?.label).toBe('a');
  expect(ofRelease([image('a')], 'b'.repeat(12))).toBeUndefined();
  expect(() => ofRelease([image('a'), image('b')], release)).toThrow(
    `two images have the release ${release}: choose one of them by its digest, sha256:${'a'.repeat(64)} or sha256:`,
  );
});
