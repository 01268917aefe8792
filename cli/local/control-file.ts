/** `control.json`: how other commands find the local cloud that runs in a data folder, and prove that they may use it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

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
export const writeControl = (data: string, value: Control): void => {
  const unfinished = `${fileIn(data)}.${process.pid}`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(unfinished, fileIn(data));
};

export const removeControl = (data: string): void => rmSync(fileIn(data), { force: true });

/** Null: no local cloud runs here, or what is written here is none of ours. */
export const readControl = (data: string): Control | null => {
  try {
    return control.parse(JSON.parse(readFileSync(fileIn(data), 'utf8')));
  } catch {
    return null;
  }
};
