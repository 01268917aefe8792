/** The errors that the state machine knows by name. A name is a literal, because bundlers rename classes and the machine matches text. */
import { type Finding, findingText } from './finding.ts';

/** The world may change: the machine retries. */
export class Transient extends Error {
  override readonly name = 'Transient';
}

/** It will not get better by itself: the machine rolls back, a command line says it and ends with 2. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  readonly finding: Finding;

  constructor(what: string | Finding, options?: ErrorOptions) {
    const finding = typeof what === 'string' ? { problem: what, remedy: '' } : what;
    super(findingText(finding), options);
    this.finding = finding;
  }
}

/** What is published in a form that is not read: refused on record, with its value, as nothing that arrives is only logged. */
export class Unread extends Rejected {}

/** What the ledger has kept and cannot be: nothing is done by it until a person has seen to it. */
export class Disbelieved extends Rejected {}

/** Somebody else holds the service now: the machine goes to Admit, which alone decides who may go on. */
export class StaleToken extends Error {
  override readonly name = 'StaleToken';
}

/** A rollout that ended failed, reported: a redrive of the execution that threw it starts the rollout over. */
export class RolloutFailed extends Error {
  override readonly name = 'RolloutFailed';
}

/** Figures that cannot be had, or are none: nobody's fault but the source's, and a person decides. The machine never sees it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** The names of those that the machine knows, as the machine's Retry and Catch may use them. */
export const errorNames = ['Transient', 'Rejected', 'StaleToken', 'RolloutFailed'] as const;

/** What to print of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
