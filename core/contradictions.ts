/** Figures that cannot be true: why no verdict can rest on them. */
import type { PeriodCounts } from './analysis/minutes.ts';

/** One period in which errors and requests are counted apart is no contradiction; several in a row are. */
const tolerated = 2;

/** One sentence for each kind of contradiction in one version's periods. */
export const contradictionsIn = (series: readonly PeriodCounts[], whose: string): string[] => {
  const found: string[] = [];
  const negative = series.find(({ requests, errors, connectionErrors, answered = 0, slow = [] }) =>
    [requests, errors, connectionErrors, answered, ...slow].some((count) => !(count >= 0) || !Number.isFinite(count)),
  );
  if (negative !== undefined) found.push(`a count of the ${whose} version is negative, or no number`);
  if (series.some(({ at }, index) => index > 0 && at <= (series[index - 1] as PeriodCounts).at))
    found.push(`periods of the ${whose} version are out of order`);
  const excessive = series.filter(({ requests, errors, connectionErrors }) => errors + connectionErrors > requests);
  if (excessive.length > tolerated)
    found.push(`the ${whose} version has more errors than requests in ${excessive.length} periods`);
  return found;
};
