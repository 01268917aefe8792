/** `ports.json`: where each rule of a data folder's services answered, for the next start to answer there again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../files.ts';
import type { RulePorts } from './balancer-front.ts';

const ports = z.record(z.string(), z.int().min(1).max(65_535));

const fileIn = (data: string): string => join(data, 'ports.json');

/** None where nothing was written, or by somebody else. */
export const readPorts = (data: string): RulePorts => {
  try {
    return ports.parse(JSON.parse(readFileSync(fileIn(data), 'utf8')));
  } catch {
    return {};
  }
};

export const writePorts = (data: string, value: RulePorts): void =>
  replaceFile(fileIn(data), `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
