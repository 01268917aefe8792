/** How much an account has of what the pipeline itself is made of, and how much of it is used. */
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetAccountSummaryCommand } from '@aws-sdk/client-iam';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { Rejected } from '../../core/basics/errors.ts';
import type { DeploymentQuota, QuotaUse } from '../../pipeline/ports/inspection.ts';
import { send } from './aws-errors.ts';
import { type Client, everyPage } from './client.ts';
import { quotaOf } from './preflight/vcpus.ts';

export interface QuotaClients {
  lambda: Client;
  iam: Client;
  events: Client;
  quotas: Client;
}

/** EventBridge user guide, quotas: rules of a bus. */
const rulesOfBus = { ServiceCode: 'events', QuotaCode: 'L-244521F2' };

const looks: Record<DeploymentQuota, (clients: QuotaClients) => Promise<QuotaUse>> = {
  concurrency: async ({ lambda }) => {
    const { AccountLimit = {} } = await send(lambda, new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: free = limit } = AccountLimit;
    return { used: limit - free, limit };
  },

  roles: async ({ iam }) => {
    const { SummaryMap = {} } = await send(iam, new GetAccountSummaryCommand({}));
    return { used: SummaryMap.Roles ?? 0, limit: SummaryMap.RolesQuota ?? 1000 };
  },

  rules: async ({ events, quotas }) => {
    const rules = await everyPage(async (NextToken) => {
      const page = await send(events, new ListRulesCommand({ NextToken }));
      return { items: page.Rules, next: page.NextToken };
    });
    const quota = await quotaOf(quotas, rulesOfBus);
    if (quota?.Value === undefined)
      throw new Rejected({
        problem: `${rules.length} are there, and GetServiceQuota of ${rulesOfBus.QuotaCode} is not allowed`,
        remedy: 'allow servicequotas:GetServiceQuota to who asks',
      });
    return { used: rules.length, limit: quota.Value };
  },
};

export const quotaUse = (clients: QuotaClients, quota: DeploymentQuota): Promise<QuotaUse> => looks[quota](clients);
