/** What several sources write: patterns, and lists. */
import { text } from '../values.ts';

/** ECR's tags and AMIs' names hold no blanks at the ends and are never empty; neither are patterns for them. */
export const glob = (expected: string) => text(expected, /^\S(.*\S)?$/);

/** `a, b` → a and b. */
export const commaSeparated = (written: string): string[] =>
  written
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
