/** Finds services by name. */

import { Rejected } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import { nearest } from '../../core/config/suggest.ts';
import type { Ports } from '../ports/ports.ts';

type Needs = { ledger: Pick<Ports['ledger'], 'services' | 'configuration'> };

/** The name, if it is in the list. Throws Rejected with the nearest name, or with all of them. */
export const named = (name: string, names: readonly string[]): string => {
  if (names.includes(name)) return name;
  const meant = nearest(name, names);
  const hint = meant === undefined ? `there is ${names.join(', ') || 'none'}` : `did you mean ${meant}?`;
  throw new Rejected(`there is no service ${name}; ${hint}`);
};

/** The named service, or all of them if none is named. */
export const namesOf = async ({ ledger }: Needs, given: string | undefined): Promise<string[]> => {
  const names = await ledger.services();
  return given === undefined ? names : [named(given, names)];
};

/** The current configuration of the named service. */
export const serviceNamed = async ({ ledger }: Needs, given: string): Promise<Service> =>
  configurationOf({ ledger }, named(given, await ledger.services()));

export const configurationOf = async ({ ledger }: Needs, name: string): Promise<Service> => {
  const service = await ledger.configuration(name);
  if (service === null) throw new Rejected(`${name} has no configuration any more`);
  return service;
};

/** Every configured service. Throws Rejected if there is none. */
export const servicesInForce = async ({ ledger }: Needs): Promise<Service[]> => {
  const names = await ledger.services();
  if (names.length === 0)
    throw new Rejected('no service is configured: apply a configuration, or name one with --config');
  const found = await Promise.all(names.map((name) => ledger.configuration(name)));
  return found.filter((service) => service !== null);
};

/** The named service, or the only one. */
export const serviceOrOnly = async (ports: Needs, given: string | undefined): Promise<Service> => {
  if (given !== undefined) return serviceNamed(ports, given);
  const names = await ports.ledger.services();
  const [only, ...more] = names;
  if (only === undefined || more.length > 0)
    throw new Rejected(
      only === undefined
        ? 'no service is configured: apply a configuration first'
        : `there are ${names.length} services (${names.join(', ')}): name one with --service`,
    );
  return configurationOf(ports, only);
};
