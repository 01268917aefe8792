/** Preflight findings for a service that needs requests inside the VPC when the pipeline has no function there. */
import type { Finding } from '../../../core/basics/finding.ts';
import type { Service } from '../../../core/config/service.ts';

const remedy = 'deploy the pipeline with `vpc: { subnets, securityGroups }` (docs/deploying.md)';

export const reachFindings = async (
  { checks, metrics }: Service,
  reaches: () => Promise<boolean>,
): Promise<Finding[]> => {
  const asks = checks.smoke.length > 0 || metrics?.kind === 'prometheus';
  if (!asks || (await reaches())) return [];
  return [
    ...(checks.smoke.length > 0
      ? [
          {
            problem: 'checks.smoke sends requests to instances, and no function of the pipeline is in their VPC',
            remedy: `${remedy}, or take checks.smoke out`,
          },
        ]
      : []),
    ...(metrics?.kind === 'prometheus'
      ? [
          {
            problem: `metrics are read from Prometheus at ${metrics.url}, and no function of the pipeline is in its VPC`,
            remedy: `${remedy}, or use the load balancer's own metrics`,
          },
        ]
      : []),
  ];
};
