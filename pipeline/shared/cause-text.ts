/** Turns a caught error of the machine, `Name: {"errorMessage": …}`, into its message for people. */

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
