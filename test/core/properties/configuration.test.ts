/** Configurations: whatever is put wrong anywhere, the refusal names its place; whatever is taken is whole. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WrittenService } from '../../../core/config/define.ts';
import { describeDefaults } from '../../../core/config/describe.ts';
import { parseServices } from '../../../core/config/parse.ts';
import { pathText, problemText, valueAt } from '../../../core/config/problems.ts';
import { ami, blueGreen, canary, ecr, groups, linear, parameter } from '../../../core/index.ts';
import { withAt, written, writtenInFull } from '../build.ts';

const seed = 1;

/** Every place in a value, containers too. */
const placesIn = (value: unknown, keys: PropertyKey[] = []): PropertyKey[][] =>
  typeof value !== 'object' || value === null
    ? [keys]
    : [
        keys,
        ...Object.entries(value).flatMap(([key, inside]) =>
          placesIn(inside, [...keys, Array.isArray(value) ? Number(key) : key]),
        ),
      ];

const places = placesIn(writtenInFull);
/** Of the ways to write it that nothing of it is left as it was. */
const nonsense = fc.constantFrom<unknown>(null, '', -1, true, [], {}, 1e9, '  ', 'nonsense!', [[]], Number.NaN);

const parsedWith = (written: unknown) => parseServices({ checkout: written });
const pathsOf = (written: unknown): string[] => {
  const parsed = parsedWith(written);
  return parsed.ok ? [] : parsed.problems.map(({ path }) => path);
};

describe('a configuration with something wrong in it', () => {
  test('is refused with the place of the mistake, what was expected and what was found', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), nonsense, (keys, wrong) => {
        const parsed = parsedWith(withAt(writtenInFull, keys, wrong));
        if (parsed.ok) return;
        const place = pathText(['checkout', ...keys]);
        for (const problem of parsed.problems) {
          expect(problemText(problem)).toMatch(/^checkout.*: expected \S.*, found \S.*/);
          // What the mistake makes of others: a rule that lies elsewhere than the first, bakes that are too long together.
          const [shorter = '', longer = ''] = [problem.path, place].sort((a, b) => a.length - b.length);
          const related = longer.startsWith(shorter) || /^checkout\.(rules|slots|checks)/.test(problem.path);
          expect([problem.path, place, related]).toEqual([problem.path, place, true]);
        }
      }),
      { seed, numRuns: 400 },
    );
  });

  test('is refused at every place where nothing of the kind may stand', () => {
    const never = Symbol('of no kind');
    for (const keys of places.filter((place) => !place.includes('m7g.large') || place.length === 1)) {
      const found = pathsOf(withAt(writtenInFull, keys, { [never]: true, nonsense: 1 }));
      expect([pathText(keys), found.length > 0]).toEqual([pathText(keys), true]);
    }
  });

  test('has one problem more for each further service that is wrong', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom('cart', 'search', 'mail', 'shop'), { minLength: 1 }), (names) => {
        const parsed = parseServices(
          Object.fromEntries(names.map((name) => [name, { ...written(name), mode: 'maybe' }])),
        );
        expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual(names.map((name) => `${name}.mode`));
      }),
      { seed },
    );
  });

  test('tells of every key that nobody knows, where it is', () => {
    const containers = places.filter((keys) => {
      const value = valueAt(writtenInFull, keys);
      return typeof value === 'object' && value !== null && !Array.isArray(value) && !keys.includes('prices');
    });
    fc.assert(
      fc.property(fc.constantFrom(...containers), fc.constantFrom('unheardOf', 'nobodyKnows'), (keys, unknown) => {
        const value = withAt(writtenInFull, [...keys, unknown], 1);
        expect(pathsOf(value)).toEqual([pathText(['checkout', ...keys, unknown])]);
      }),
      { seed },
    );
  });
});

describe('a configuration that is taken', () => {
  const images = fc.constantFrom(ecr('acme/checkout'), ami({ name: 'checkout-*' }), parameter('/checkout/ami'));
  const strategies = fc.oneof(
    fc.integer({ min: 1, max: 100 }).map((by) => linear(by, { bake: 60, keepOldFor: 60 })),
    fc.constant(blueGreen()),
    fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 }).map((all) =>
      canary(
        all.sort((a, b) => a - b),
        { bake: { atLeast: 60, atMost: 600 } },
      ),
    ),
  );
  const services = fc
    .record({
      image: images,
      fleet: fc.constantFrom(written().fleet, groups({ blue: 'web', green: 'web-2' })),
      strategy: strategies,
      approval: fc.option(fc.record({ within: fc.integer({ min: 1, max: 86_400 }) })),
      maxExtra: fc.option(fc.integer({ min: 1, max: 1000 })),
      mode: fc.constantFrom('automatic', 'observe'),
      timing: fc.record({ period: fc.constantFrom(5, 60, '5 minutes'), settling: fc.integer({ min: 1, max: 600 }) }),
    })
    .map((different): WrittenService => ({ ...written(), ...different }));

  test('is plain JSON, and filled in again is what it was', () => {
    fc.assert(
      fc.property(services, (one) => {
        const parsed = parsedWith(one);
        expect(parsed).toMatchObject({ ok: true });
        if (!parsed.ok) return;
        expect(JSON.parse(JSON.stringify(parsed.services))).toEqual(parsed.services);
        for (const { name, ...rest } of parsed.services) {
          // A growth that is a group's to say is not written.
          const { growth, ...others } = rest;
          expect(parseServices({ [name]: growth === null ? others : rest })).toEqual(parsed);
        }
      }),
      { seed },
    );
  });

  test('is described value by value, each once, as somebody wrote it or as a default', () => {
    fc.assert(
      fc.property(services, (one) => {
        const parsed = parsedWith(one);
        for (const each of parsed.ok ? parsed.services : []) {
          const described = describeDefaults(one, each);
          const paths = described.map(({ path }) => path);
          expect(paths).toEqual([...new Set(paths)]);
          for (const { path, value, isDefault } of described) {
            expect(value).toMatch(/\S/);
            const keys = path.replaceAll('[', '.').replaceAll(']', '').split('.');
            expect(isDefault).toBe(valueAt(one, keys) === undefined);
          }
        }
      }),
      { seed },
    );
  });
});
