/** Doctor: finds what would go wrong with a service in its account, before a rollout. It changes nothing. */
import { type Finding, findingText } from '../../../core/basics/finding.ts';
import type { Service } from '../../../core/config/service.ts';
import type { Row } from '../../../core/protocol/row.ts';
import type { Ports } from '../../ports/ports.ts';
import { named } from '../services.ts';
import { admission } from './admission.ts';
import { alarmStates } from './alarms.ts';
import { aliases } from './dns.ts';
import type { Entry, Look, Needs } from './entry.ts';
import { imageKeys, images } from './images.ts';
import { metadata } from './launch-template.ts';
import { lookAt, orRefusal } from './look.ts';
import { permissions, serviceLinkedRoles, tags } from './permissions.ts';
import { draining, healthChecks, slowStart } from './target-groups.ts';

/** Findings that an admission does not refuse, but that make a rollout fail later, slower, or judge with less data. */
const further: Entry<unknown>[] = [
  tags,
  healthChecks,
  draining,
  slowStart,
  aliases,
  alarmStates,
  metadata,
  serviceLinkedRoles,
  permissions,
  images,
  imageKeys,
];

const run = async (entries: Entry<unknown>[], look: Look): Promise<Finding[]> => {
  const found: Finding[] = [];
  for (const { name, optional, observe, problem, remedy } of entries)
    found.push(
      ...(await orRefusal(
        async () =>
          (
            await observe(look)
          ).flatMap((seen) => {
            const text = problem(seen, look);
            return text === null ? [] : [{ problem: text, remedy: remedy(seen, look) }];
          }),
        (finding) => [optional ? { ...finding, problem: `${name}: ${finding.problem}`, unseen: true } : finding],
      )),
    );
  // Two checks may fail for the same reason.
  return [...new Map(found.map((finding) => [findingText(finding), finding])).values()];
};

/** The names of the checks, in order. */
export const checkNames: readonly string[] = [...admission, ...further].map(({ name }) => name);

/** Everything about the account that would go wrong, each with its remedy. `roles`: the path of the pipeline's roles; null if it has none. */
export const examine = async (
  ports: Needs,
  row: Row | null,
  service: Service,
  roles: string | null,
): Promise<Finding[]> => run([...admission, ...further], await lookAt(ports, row, service, roles));

/** The findings that an admission of the next image would refuse, as sentences. */
export const accountProblems = async (ports: Needs, row: Row | null, service: Service): Promise<string[]> =>
  (await run(admission, await lookAt(ports, row, service, null))).map(findingText);

/** The findings of the named service, or of all services by name. */
export const examineServices = async (
  ports: Needs & { ledger: Pick<Ports['ledger'], 'row'> },
  services: readonly Service[],
  given: string | undefined,
  { roles, onService }: { roles: string | null; onService: (name: string, findings: Finding[]) => void },
): Promise<Record<string, Finding[]>> => {
  const names = services.map(({ name }) => name);
  const chosen = given === undefined ? names : [named(given, names)];
  const found: Record<string, Finding[]> = {};
  for (const service of services.filter(({ name }) => chosen.includes(name))) {
    const findings = await examine(ports, await ports.ledger.row(service.name), service, roles);
    found[service.name] = findings;
    onService(service.name, findings);
  }
  return found;
};
