/** A configuration of a service that is not adopted yet: a target group that does not exist is written by its name. */
import { readFileSync } from 'node:fs';
import { slots } from '../../core/basics/slot.ts';
import { valueAt } from '../../core/config/problems.ts';
import type { Service } from '../../core/config/service.ts';
import type { SoughtSlots } from '../../core/fleet/adoption.ts';
import { replaceFile } from '../files.ts';
import { type Configuration, readConfiguration, serviceIn } from './config-file.ts';
import { isTargetGroupName } from './target-group-name.ts';

export interface Sought {
  configuration: Configuration;
  /** With an ARN that is made up where there is none yet. */
  service: Service;
  slots: SoughtSlots;
}

const noId = '0000000000000000';

/** Reads the configuration and picks the service. Throws Rejected as `readConfiguration` does. */
export const readSought = async (given: string, file: string | undefined, cwd: string): Promise<Sought> => {
  let written: unknown;
  const configuration = await readConfiguration(file, cwd, (value) => {
    written = value;
    return withArns(value);
  });
  const service = serviceIn(configuration, given);
  const { name } = service;
  const soughtIn = (slot: 'blue' | 'green'): string => {
    const value = valueAt(written, [name, 'slots', slot]);
    return isTargetGroupName(value) ? value : service.slots[slot];
  };
  return { configuration, service, slots: { blue: soughtIn('blue'), green: soughtIn('green') } };
};

/** A name becomes an ARN beside the other slot's. Anything else stays as written, for the checks to find. */
export const withArns = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, service]) => {
      const written = slots.map((slot) => valueAt(service, ['slots', slot]));
      const prefix = /^(arn:[^/]+:targetgroup\/)/.exec(
        String(written.find((arn) => String(arn).startsWith('arn:'))),
      )?.[1];
      if (prefix === undefined || !written.some(isTargetGroupName)) return [name, service];
      const [blue, green] = written.map((one) => (isTargetGroupName(one) ? `${prefix}${one}/${noId}` : one));
      return [name, { ...(service as object), slots: { blue, green } }];
    }),
  );
};

/** Writes ARNs in place of the names, where each stands exactly once among `slots`, in quotes. Answers whether all did. */
export const writeArns = (file: string, sought: SoughtSlots, service: Service): boolean => {
  let text = readFileSync(file, 'utf8');
  for (const slot of slots) {
    const name = sought[slot];
    if (!isTargetGroupName(name)) continue;
    const places = [...text.matchAll(new RegExp(`\\b${slot}\\s*:\\s*(['"\`])(?=${name}\\1)`, 'g'))]
      .map(({ index, 0: { length } }) => index + length)
      .filter((at) => text.lastIndexOf('slots', at) > text.lastIndexOf('fleet', at));
    const [at] = places;
    if (at === undefined || places.length > 1) return false;
    text = text.slice(0, at) + service.slots[slot] + text.slice(at + name.length);
  }
  replaceFile(file, text);
  return true;
};
