/** Collects why a release's instances did not become ready: state reasons, target health and the last console output. */
import { GetConsoleOutputCommand, type Instance } from '@aws-sdk/client-ec2';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { messageOf } from '../../../core/basics/errors.ts';
import { outsideText } from '../../../core/basics/outside-text.ts';
import { send } from '../aws-errors.ts';
import type { Client } from '../client.ts';
import { idOf } from '../load-balancer/targets.ts';
import { byLaunch, tagOf } from './instances.ts';

/** How much is kept: instances, and bytes of each one's console. */
const mostEvidence = 3;
const mostConsole = 2048;

export const evidenceOf = (
  ec2: Client,
  instances: readonly Instance[],
  targets: readonly TargetHealthDescription[],
  release: string,
): Promise<{ instance: string; said: string }[]> => {
  const health = new Map(targets.map((target) => [idOf(target), target.TargetHealth]));
  const unready = instances
    .filter((instance) => tagOf(instance, 'release') === release)
    .filter(({ State, InstanceId = '' }) => State?.Name !== 'running' || health.get(InstanceId)?.State !== 'healthy')
    // What was ended on purpose has nothing to say.
    .filter(({ StateReason }) => StateReason?.Code !== 'Client.UserInitiatedShutdown')
    .sort(byLaunch)
    .slice(-mostEvidence);
  return Promise.all(
    unready.map(async ({ InstanceId: instance = '', State, StateReason }) => {
      const target = health.get(instance);
      const said = [
        `instance ${State?.Name}${StateReason?.Message === undefined ? '' : `: ${StateReason.Message}`}`,
        target === undefined
          ? ''
          : `target ${[target.State, target.Reason, target.Description].filter(Boolean).join(', ')}`,
        await consoleTail(ec2, instance),
      ];
      return { instance, said: said.filter((line) => line !== '').join('\n') };
    }),
  );
};

/** What the instance printed last. That it cannot be had is itself worth telling, and no reason to keep the instance. */
const consoleTail = async (ec2: Client, InstanceId: string): Promise<string> => {
  try {
    const { Output = '' } = await send(ec2, new GetConsoleOutputCommand({ InstanceId, Latest: true }));
    // Redacted before it is cut: half a key block is no block any more.
    const all = outsideText(Buffer.from(Output, 'base64').toString(), Number.POSITIVE_INFINITY);
    const text = all.slice(-mostConsole).trim();
    return text === '' ? 'it printed nothing' : text;
  } catch (error) {
    return `its console output could not be read: ${messageOf(error)}`;
  }
};
