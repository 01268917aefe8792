/** The part of an SDK client that adapters use. Real clients and those of the local cloud both have it. */

/** Takes any command, because which ones a client answers is its own business: a parameter of type never is met by every `send`. */
export interface Client {
  send(command: never): Promise<unknown>;
}

/** An SDK command; its second method is how its output's type is known. */
export interface Command<Output> {
  readonly input: object;
  resolveMiddleware(...args: never[]): (args: never) => Promise<{ output: Output }>;
}

/** All items of a list that comes in pages. `page` gets the token of the one before. */
export const everyPage = async <T>(
  page: (token: string | undefined) => Promise<{ items: T[] | undefined; next: string | undefined }>,
): Promise<T[]> => {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items = [], next } = await page(token);
    for (const item of items) all.push(item);
    // Some services end a list with an empty token instead of none.
    token = next || undefined;
  } while (token !== undefined);
  return all;
};

/** The items in pieces of at most `size`, for calls that take only so many. */
export const batchesOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
