/** Readers of the `detail` of an EventBridge event. */
import type * as z from 'zod';
import type { EventReader } from './source.ts';

/** Reads a detail. One without a required field announces no image. `schema` is made once, for the first event. */
export const reading = <Detail, Announced>(
  type: string,
  schema: () => z.ZodType<Detail>,
  read: (detail: Detail, resources: string[]) => Announced | string,
): Record<string, EventReader<Announced>> => {
  let made: z.ZodType<Detail> | undefined;
  return {
    [type]: (detail, resources) => {
      made ??= schema();
      const parsed = made.safeParse(detail);
      if (parsed.success) return read(parsed.data, resources);
      const missing = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
      return `this "${type}" event lacks ${missing === '' ? 'a detail' : missing}`;
    },
  };
};

/** Some events carry an ARN where others carry the name: `arn:aws:ssm:…:parameter/checkout/ami` → `checkout/ami`. */
export const nameIn = (nameOrArn: string): string => nameOrArn.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:[^/]*\//, '');
