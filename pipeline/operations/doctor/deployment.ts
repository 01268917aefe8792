/** Checks that the account has room for the pipeline itself: concurrent functions, roles, EventBridge rules. */
import { Rejected } from '../../../core/basics/errors.ts';
import type { Finding } from '../../../core/basics/finding.ts';
import type { DeploymentQuota, Inspection, QuotaUse } from '../../ports/inspection.ts';

/** How many of each a deployment creates: a role per function and one for the machine, and a rule per trigger. */
export const deploymentNeeds: Record<DeploymentQuota, number> = { concurrency: 0, roles: 17, rules: 8 };

/** Executions at a time that AWS keeps unreserved in most accounts; in a new account, whose limit is often 10, none can be reserved. */
const keptUnreserved = 100;
/** Reserved for aborts by `reserved`, as docs/deploying.md recommends. */
const forAborts = 5;

const names: Record<DeploymentQuota, string> = {
  concurrency: 'concurrent Lambda functions',
  roles: 'roles of IAM',
  rules: 'EventBridge rules on the default bus',
};

const raise = (service: string, code: string): string =>
  `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value`;

const remedyOf = (quota: DeploymentQuota, { used, limit }: QuotaUse): string => {
  const wanted = used + deploymentNeeds[quota];
  switch (quota) {
    case 'concurrency':
      return `leave \`reserved\` at 0, and ask for more: ${raise('lambda', 'L-B99A9384')} 1000`;
    case 'roles':
      return `remove roles that nobody uses, or ask for more: ${raise('iam', 'L-FE177D64')} ${Math.max(wanted, limit * 2)} --region us-east-1 (IAM's quotas are asked for there)`;
    case 'rules':
      return `remove rules that nobody uses, or ask for more: ${raise('events', 'L-244521F2')} ${Math.max(wanted, limit * 2)}`;
  }
};

/** Each quota with its use. */
export interface DeploymentReport {
  uses: { name: string; used: number; limit: number; needs: number }[];
  findings: Finding[];
}

const isShort = (quota: DeploymentQuota, { used, limit }: QuotaUse, needs: number): boolean =>
  quota === 'concurrency' ? limit - used < keptUnreserved + forAborts : used + needs > limit;

const problemOf = (quota: DeploymentQuota, { used, limit }: QuotaUse, needs: number): string =>
  quota === 'concurrency'
    ? `this account may run ${limit} ${names[quota]}, and ${used} of them are reserved: that leaves none to reserve for aborts, so a busy account delays them`
    : `this account has ${used} of ${limit} ${names[quota]}, and the pipeline needs ${needs} more`;

/** `deployed`: the pipeline is in the account already and needs no more. */
export const examineDeployment = async (
  inspection: Pick<Inspection, 'quota'>,
  deployed: boolean,
): Promise<DeploymentReport> => {
  const report: DeploymentReport = { uses: [], findings: [] };
  for (const [quota, all] of Object.entries(deploymentNeeds) as [DeploymentQuota, number][]) {
    const needs = deployed ? 0 : all;
    try {
      const use = await inspection.quota(quota);
      report.uses.push({ name: names[quota], ...use, needs });
      if (isShort(quota, use, needs))
        report.findings.push({ problem: problemOf(quota, use, needs), remedy: remedyOf(quota, use) });
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      report.findings.push({ ...error.finding, problem: `${names[quota]}: ${error.finding.problem}`, unseen: true });
    }
  }
  return report;
};
