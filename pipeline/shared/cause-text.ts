/** The reason for people: a caught error arrives from the machine as `Name: {"errorMessage": …}`, and people get the message. */

export const causeText = (why: string): string => {
  const found = /^([\w.]+): (\{.*\})$/s.exec(why);
  if (found === null) return why === '' ? 'the execution was stopped or failed' : why;
  try {
    const { errorMessage } = JSON.parse(found[2] ?? '') as { errorMessage?: string };
    return errorMessage === undefined ? why : errorMessage;
  } catch {
    return why;
  }
};
