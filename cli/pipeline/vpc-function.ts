/** Whether a deployed pipeline has a function that stands in the VPC: its role is found by its path. */
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { send } from '../../adapters/aws/aws-errors.ts';
import { everyPage } from '../../adapters/aws/client.ts';
import { Rejected } from '../../core/basics/errors.ts';
import type { Environment } from '../../functions/environment.ts';

/** True where nothing is deployed yet, or this person may not look: nobody knows what will be, or is, there. */
export const reachesFrom =
  (client: Environment['client'], roles: string): Environment['reaches'] =>
  async () => {
    const iam = client('iam', (options) => new IAMClient(options));
    try {
      const found = await everyPage(async (Marker) => {
        const page = await send(iam, new ListRolesCommand({ PathPrefix: roles, Marker }));
        return { items: page.Roles, next: page.Marker };
      });
      return found.length === 0 || found.some(({ Path }) => Path === `${roles}probe/`);
    } catch (error) {
      if (error instanceof Rejected) return true;
      throw error;
    }
  };
