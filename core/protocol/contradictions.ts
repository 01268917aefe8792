/** Finds contradictions between the fields of a row or record, and values of another service. */
import { type Image, identityOf, releaseOf } from '../basics/image.ts';
import { formatValue, type Problem } from '../config/problems.ts';
import { type AttemptRecord, holderOf } from '../release/publications.ts';
import type { Row } from './row.ts';

const problem = (path: string, expected: string, found: unknown): Problem => ({
  path,
  expected,
  found: formatValue(found),
});

export const mustBe = (path: string, expected: unknown, found: unknown): Problem[] =>
  expected === found ? [] : [problem(path, formatValue(expected), found)];

/** A release is derived from its image. If they differ, instances of one would be taken for the other. */
const namesItsImage = (path: string, of: { release: string; image: Image } | null): Problem[] =>
  of === null ? [] : mustBe(`${path}.release`, releaseOf(of.image), of.release);

/** The row names its service and its releases in several places, which have to agree. */
const identities = ({ service, live, next, lock, plan }: Row, name: string): Problem[] => [
  ...mustBe('service', name, service),
  ...mustBe('plan.service', name, plan?.service ?? name),
  ...mustBe('plan.configuration.name', name, plan?.configuration.name ?? name),
  // An adopted fleet of an unknown image has an empty reference.
  ...(live?.image.reference === '' ? [] : namesItsImage('live', live)),
  ...namesItsImage('next', next),
  ...namesItsImage('lock.publication', holderOf({ lock })),
  ...namesItsImage('plan', plan),
  ...(lock.state === 'held' && plan !== null
    ? mustBe('plan.image', identityOf(lock.publication.image), identityOf(plan.image))
    : []),
];

/** Every contradiction in a row. */
export const contradictions = (row: Row, name: string): Problem[] => {
  const { lock, phase, plan, abort, wanted, step } = row;
  const held = lock.state === 'held';
  const { blue, green } = wanted.weights;
  return [
    ...identities(row, name),
    ...(blue + green === 100 ? [] : [problem('wanted.weights', 'two weights of together 100', wanted.weights)]),
    ...(held === (phase !== 'free') ? [] : [problem('phase', `a phase of a service that is ${lock.state}`, phase)]),
    ...(held && plan === null ? [problem('plan', 'the plan of the holder', plan)] : []),
    ...(plan !== null && step > plan.steps.length
      ? [problem('step', `at most ${plan.steps.length}, as many as the plan has`, step)]
      : []),
    // The bounds of groups have been changed since admission, so the values to restore must be known.
    ...(plan?.configuration.fleet.kind === 'groups' && plan.limits === null
      ? [problem('plan.limits', 'the scaling bounds of both groups at admission', plan.limits)]
      : []),
    ...(phase === 'rollingBack' && abort === null ? [problem('abort', 'the reason of the rollback', abort)] : []),
    // Without `waits` the rollback would neither continue nor end.
    ...(abort !== null && abort.waits !== true && blue > 0 && green > 0
      ? [problem('abort.waits', 'true where both slots have weight', abort.waits)]
      : []),
  ];
};

/** `key`: the record's key in the ledger, `record#<release>#<attempt>`. */
export const foreignRecord = (record: AttemptRecord, name: string, key: string): Problem[] => {
  const [, release, attempt] = key.split('#');
  return [
    ...mustBe('service', name, record.service),
    ...mustBe('release', release, record.release),
    ...mustBe('attempt', Number(attempt), record.attempt),
    ...(record.image.reference === '' ? [] : mustBe('release', releaseOf(record.image), record.release)),
  ];
};
