/** What two interpreters record of one execution, made comparable: JSON text read, chance taken out, and the differences that are known. */

/** Where the interpreters differ, and who is right. */
export const differences = [
  {
    what: 'the Cause of a time-out, or of a failure that gave none',
    here: null,
    there: '',
    why: 'recorded on AWS: a caught time-out puts {"Error":"States.Timeout","Cause":null} into the output',
  },
  {
    what: 'what lambda:invoke gives beside Payload, StatusCode and ExecutedVersion',
    here: 'SdkHttpMetadata and SdkResponseMetadata',
    there: 'nothing',
    why: 'recorded on AWS with both; the interpreter keeps the members of the API’s own answer only',
  },
  {
    what: 'a string with a quotation mark or a line break among the assigned variables',
    here: 'JSON text',
    there: 'the string itself between quotation marks',
    why: 'the API reference: values of assignedVariables are JSON text',
  },
] as const;

const chance = new Set(['timestamp', 'taskToken', 'SdkHttpMetadata', 'SdkResponseMetadata']);

/** JSON text is read at every depth: the interpreters put their spaces in other places. */
export const comparable = (value: unknown): unknown => {
  if (typeof value === 'string') {
    if (!/^[[{"]/.test(value)) return value === 'States.Timeout: null' ? 'States.Timeout: ' : value;
    try {
      return comparable(JSON.parse(value));
    } catch {
      return /^".*"$/s.test(value) ? value.slice(1, -1) : value;
    }
  }
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !chance.has(key))
      .map(([key, item]) => [key, key === 'Cause' && item === null ? '' : comparable(item)]),
  );
};
