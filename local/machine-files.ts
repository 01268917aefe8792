/** The pipeline's own machine, as the files in statemachines/ have it: the state machine, the triggers, and each function's time-out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trigger } from './events.ts';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'statemachines', name), 'utf8'));

export interface MachineFiles {
  definition: unknown;
  triggers: readonly Trigger[];
  /** Seconds, by function. */
  timeouts: Record<string, number>;
}

export const functionSettings = (): Record<string, { timeout: number; step: boolean }> =>
  read('functions.json') as Record<string, { timeout: number; step: boolean }>;

export const machineFiles = (): MachineFiles => ({
  definition: read('rollout.asl.json'),
  triggers: read('triggers.json') as Trigger[],
  timeouts: Object.fromEntries(Object.entries(functionSettings()).map(([name, { timeout }]) => [name, timeout])),
});
