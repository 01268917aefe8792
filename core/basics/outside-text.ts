/** Text that somebody else wrote, before a terminal, a log or an event shows it: without what moves a cursor, turns a line around or opens a door. */

/** ECMA-48: control sequences, and the strings that an OSC, DCS, SOS, PM or APC begins. */
const sequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
/** C0 but tab and line feed, DEL and C1; marks, overrides and isolates of the direction; separators that some take for new lines; halves of pairs. */
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A line feed stays one. */
export const withoutControls = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(sequences, '').replace(unseen, '');

/** What opens something, with the part of it that may be shown. */
const credentials: [RegExp, string][] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, '-----BEGIN $1----- …'],
  [/\b(A[KS]IA)[0-9A-Z]{16}\b/g, '$1…'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, 'eyJ…'],
  [/\b(gh[pousr]_|xox[abprs]-|sk-)[\w-]{16,}/g, '$1…'],
  [/(\bauthorization["']?\s*[:=]\s*["']?(?:basic |bearer |token |aws4-hmac-sha256 )?)[^\s"',][^\n"']*/gi, '$1…'],
  [/(:\/\/)[^\s/@:]+(?::[^\s/@]*)?@/g, '$1…@'],
  [/([?&](?:[\w-]*(?:token|secret|password|signature|credential|api_?key)|sig|key)=)[^&\s"']+/gi, '$1…'],
  [
    /(\b[\w-]*(?:password|passwd|secret|secret_access_key|session_token|api_?key|access_?token)["']?\s*[:=]\s*["']?)[^\s"',;&…]+/gi,
    '$1…',
  ],
];

const withoutCredentials = (text: string): string =>
  credentials.reduce((so, [pattern, shown]) => so.replace(pattern, shown), text);

/** `most`: characters that are kept. */
export const cutText = (text: string, most: number): string =>
  text.length <= most ? text : `${withoutControls(text.slice(0, most - 1))}…`;

/** What a program, a page or another system said. */
export const outsideText = (text: string, most: number): string =>
  cutText(withoutCredentials(withoutControls(text)), most).trim();

/** The same on one line. */
export const outsideLine = (text: string, most: number): string => outsideText(text, most).replaceAll(/\s+/g, ' ');

/** Every text in a value, however deep; a list of very many is cut. */
export const shownValue = (value: unknown, most: number, depth = 8): unknown => {
  if (typeof value === 'string') return cutText(withoutControls(value), most);
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => shownValue(item, most, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, mostItems)
      .map(([key, inside]) => [cutText(withoutControls(key), 200), shownValue(inside, most, depth - 1)]),
  );
};
const mostItems = 200;
