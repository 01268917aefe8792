/** Sort keys of items about one attempt of a release: in order of attempts, which are whole numbers under a million. */
export const attemptKey = (kind: string, release: string, attempt: number): string =>
  `${kind}#${release}#${String(attempt).padStart(6, '0')}`;

/** The mark of an event that is recorded already. */
export const markKey = (id: string): string => `said#${id}`;
