/** The errors that the state machine knows by name. The names are literals: bundlers rename classes, and the machine matches text. */
import { type Finding, findingText } from './finding.ts';

/** A failure that may pass: the machine retries. */
export class Transient extends Error {
  override readonly name = 'Transient';
}

/** A failure that a retry does not mend: the machine rolls back; a command prints it and exits with 2. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  readonly finding: Finding;

  constructor(what: string | Finding, options?: ErrorOptions) {
    const finding = typeof what === 'string' ? { problem: what, remedy: '' } : what;
    super(findingText(finding), options);
    this.finding = finding;
  }
}

/** A publication in a form that cannot be read. It is refused on record with its value, so that it is not only in a log. */
export class Unread extends Rejected {}

/** A persisted value that cannot be right. The pipeline does nothing with it until a person has looked at it. */
export class Disbelieved extends Rejected {}

/** Another execution holds the service now. The machine goes to Admit, which decides who may go on. */
export class StaleToken extends Error {
  override readonly name = 'StaleToken';
}

/** A failed rollout that has been reported. A redrive of the execution that threw it starts the rollout again. */
export class RolloutFailed extends Error {
  override readonly name = 'RolloutFailed';
}

/** Metrics that cannot be read. That says nothing about the new version, so a person decides. The machine never sees this error. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** The error names that the machine's Retry and Catch may use. */
export const errorNames = ['Transient', 'Rejected', 'StaleToken', 'RolloutFailed'] as const;

/** The text to print for any thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
