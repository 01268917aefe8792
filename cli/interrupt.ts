/** Ctrl-C and its like: the first asks for a clean end, the second ends at once. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborted by the first signal. */
export const onInterrupt = (): AbortSignal => {
  const stop = new AbortController();
  for (const signal of signals)
    process.on(signal, () => {
      if (stop.signal.aborted && signal === 'SIGINT') process.exit(130);
      stop.abort();
    });
  return stop.signal;
};
