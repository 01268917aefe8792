/** Ctrl-C and its like: the first asks for a clean end, a second one ends at once. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a Ctrl-C on that its child has heard already: within so many milliseconds it is the same one. */
const ECHO = 700;

/** Aborted by the first signal. */
export const onInterrupt = (): AbortSignal => {
  const stop = new AbortController();
  let first = 0;
  for (const signal of signals)
    process.on(signal, () => {
      if (!stop.signal.aborted) first = performance.now();
      else if (signal === 'SIGINT' && performance.now() - first > ECHO) process.exit(130);
      stop.abort();
    });
  return stop.signal;
};
