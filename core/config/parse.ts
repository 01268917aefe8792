/** Reads a configuration into services, and reports every mistake at once. */
import { formatValue, type Problem, problemsOfIssues } from './problems.ts';
import { serviceName, servicesExpected, withDefaults, writtenService } from './schema.ts';
import { isObject, serviceProblems, sharedArns } from './schema-checks.ts';
import type { Service } from './service.ts';

export type Parsed = { ok: true; services: Service[] } | { ok: false; problems: Problem[] };

/**
 * Takes the result of `defineServices`, or any other value. Returns the services with their defaults, or every problem: its path
 * (`checkout.slots.green`), what was expected there, and what was found. Never throws.
 */
export const parseServices = (value: unknown): Parsed => {
  if (!isObject(value) || Object.keys(value).length === 0)
    return { ok: false, problems: [{ path: '', expected: servicesExpected, found: formatValue(value) }] };
  const services: Service[] = [];
  const problems: Problem[] = [];
  for (const [name, written] of Object.entries(value)) {
    if (!serviceName.pattern.test(name))
      problems.push({ path: name, expected: serviceName.expected, found: formatValue(name) });
    const parsed = writtenService.safeParse(written);
    if (parsed.success) services.push(withDefaults(name, parsed.data));
    else problems.push(...problemsOfIssues(name, written, parsed.error.issues));
    problems.push(...serviceProblems(name, written));
  }
  problems.push(...sharedArns(value));
  return problems.length === 0 ? { ok: true, services } : { ok: false, problems };
};
