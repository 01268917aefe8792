/** The load balancers of a service, as the ARNs of its rules spell them. */
import type { Service } from '../../../core/config/service.ts';

/** `…:listener-rule/app/<name>/<id>/…` → `…:loadbalancer/app/<name>/<id>`, each once. */
export const loadBalancersOf = ({ rules }: Service): string[] => [
  ...new Set(rules.map((rule) => rule.replace(/:listener-rule\/(app\/[^/]+\/[^/]+)\/.*$/, ':loadbalancer/$1'))),
];
