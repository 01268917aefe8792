/** `control.json`: how other commands find the local cloud that runs in a data folder, and prove that they may use it. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Rejected } from '../../core/basics/errors.ts';
import { replaceFile } from '../files.ts';

const control = z.object({
  pid: z.int(),
  port: z.int(),
  /** Anybody who can read this file may use the local cloud, so only its owner can. */
  token: z.string(),
  /** ARN of the state machine. */
  machine: z.string(),
  /** The configuration that it was started with. */
  configuration: z.string(),
  /** Where each service answers. */
  urls: z.record(z.string(), z.array(z.string())),
});
export type Control = z.infer<typeof control>;

const fileIn = (data: string): string => join(data, 'control.json');

/** Appears whole, readable by its owner only. */
export const writeControl = (data: string, value: Control): void =>
  replaceFile(fileIn(data), `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });

export const removeControl = (data: string): void => rmSync(fileIn(data), { force: true });

/** Null: no local cloud runs here. Throws Rejected for a damaged file: the local cloud that wrote it may still run. */
export const readControl = (data: string): Control | null => {
  const file = fileIn(data);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw Object.assign(error as Error, { path: file });
  }
  try {
    return control.parse(JSON.parse(text));
  } catch {
    throw new Rejected(
      `expected the address of the local cloud in ${file}, found ${text.trim() === '' ? 'nothing' : 'something else'}: end the local cloud, if it runs, and start it again with: cutover local up`,
    );
  }
};
