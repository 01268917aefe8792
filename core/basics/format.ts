/** Formats times, shares and counts for people. */

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Epoch milliseconds → `"2026-01-05 09:00:00 UTC"`. It does not use `Date`, because core must not be able to read the clock. */
export const formatTime = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const ofDay = seconds - days * 86_400;
  // Turns days into a date. Years begin on 1 March here, so that the leap day is a year's last day; an era is 400 years.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const clock = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60].map(twoDigits).join(':');
  return `${year}-${twoDigits(month)}-${twoDigits(day)} ${clock} UTC`;
};

/** A share of 1 → `"8 %"`, `"0.25 %"`: at most three digits, never scientific notation. */
export const formatRate = (rate: number): string => {
  const percent = rate * 100;
  if (percent === 0) return '0 %';
  return percent < 0.001 ? 'under 0.001 %' : `${Number(percent.toPrecision(3))} %`;
};

/** 0.404 → `"404 ms"`, 2.5 → `"2.5 s"`. */
export const formatSeconds = (seconds: number): string =>
  seconds < 1 ? `${Number((seconds * 1000).toPrecision(3))} ms` : `${Number(seconds.toPrecision(3))} s`;

/** `12.5`, `0.034`, `1,200`: at most three digits after the point, never scientific notation. */
export const formatNumber = (value: number): string => {
  const rounded = value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  if (rounded !== 0 && rounded < 0.0001) return 'under 0.0001';
  return Number.isInteger(rounded) ? thousands(rounded) : String(rounded);
};

const thousands = (amount: number): string => String(amount).replace(/\B(?=(\d{3})+$)/g, ',');

/** `count(1, 'request')` → `"1 request"`, `count(1200, 'request')` → `"1,200 requests"`. */
export const count = (amount: number, noun: string): string => `${thousands(amount)} ${noun}${amount === 1 ? '' : 's'}`;

/** `countOf(12, 1500, 'request')` → `"12 of 1,500 requests"`. */
export const countOf = (part: number, whole: number, noun: string): string =>
  `${thousands(part)} of ${count(whole, noun)}`;
