/** Patterns and lists that several sources use. */
import { text } from '../values.ts';

/** A pattern for ECR tags or AMI names, which are never empty and have no spaces at their ends. */
export const glob = (expected: string) => text(expected, /^\S(.*\S)?$/);

/** `a, b` → a and b. */
export const commaSeparated = (written: string): string[] =>
  written
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
