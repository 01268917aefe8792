/** Lists every configuration key with its description, by walking the schema. */
import type * as z from 'zod';
import type { Described } from '../../core/config/values.ts';

export interface Key extends Described {
  /** `checks.smoke[].within`; `image.repository` of `ecr(…)`. */
  path: string;
  /** The variant that has the key, `ecr`; null where every service may have it. */
  variant: string | null;
  /** As it is written; null: the key has to be there. */
  default: string | null;
  nullable: boolean;
}

type Def = {
  type: string;
  innerType?: z.ZodType;
  defaultValue?: unknown;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  options?: z.ZodType[];
  in?: z.ZodType;
  out?: z.ZodType;
  values?: unknown[];
};
const defOf = (schema: z.ZodType): Def => (schema as unknown as { _zod: { def: Def } })._zod.def;

/** A schema without its wrappers, and what all of them say together: the outer one counts. */
const opened = (
  schema: z.ZodType,
): { core: z.ZodType; about: Described; otherwise: string | null; nullable: boolean } => {
  const about = (schema.meta() ?? {}) as Described;
  const { type, innerType, defaultValue, in: from } = defOf(schema);
  const inner = innerType ?? (type === 'pipe' ? from : undefined);
  if (inner === undefined) return { core: schema, about, otherwise: null, nullable: false };
  const inside = opened(inner);
  const own = type === 'default' || type === 'prefault' ? written(defaultValue) : type === 'optional' ? 'none' : null;
  return {
    core: inside.core,
    about: { ...inside.about, ...about },
    otherwise: own ?? inside.otherwise,
    nullable: type === 'nullable' || inside.nullable,
  };
};

/** A value as TypeScript. */
const written = (value: unknown): string => {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inside]) => `${key}: ${written(inside)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
};

const kindOf = (schema: z.ZodType): string | null => {
  const kind = defOf(schema).shape?.kind;
  return kind === undefined ? null : String(defOf(kind).values?.[0]);
};

const inside = (schema: z.ZodType, path: string, variant: string | null): Key[] => {
  const { type, shape, element, options } = defOf(schema);
  if (type === 'array' && element !== undefined) return inside(opened(element).core, `${path}[]`, variant);
  // Of other unions, like a bake's, the key itself says all.
  if (type === 'union')
    return (options ?? []).flatMap((one) => (kindOf(one) === null ? [] : inside(one, path, kindOf(one))));
  return Object.entries(shape ?? {}).flatMap(([name, value]) => {
    const { core, about, otherwise, nullable } = opened(value);
    // A variant's name, and what only kept configurations have, are written by no one.
    if (name === 'kind' || (about.description === undefined && path.endsWith('steps[]'))) return [];
    const at = path === '' ? name : `${path}.${name}`;
    return [{ path: at, variant, default: otherwise, nullable, ...about }, ...inside(core, at, variant)];
  });
};

export const keysOf = (schema: z.ZodType): Key[] => inside(opened(schema).core, '', null);
