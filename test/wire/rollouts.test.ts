/** Whole rollouts with the real SDK, over HTTP: the production functions and adapters against moto, the machine in the local engine. */
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { describe, expect, test } from 'vitest';
import { abortRollout } from '../../pipeline/operations/abort.ts';
import { client, createAccount } from './account.ts';
import { onMoto, pipelineOf } from './pipeline.ts';

describe.concurrent.each(['instances', 'groups'] as const)('on %s', (kind) => {
  test('a first image goes live, a second replaces it, an unhealthy third is rolled back', async () => {
    const account = await createAccount(`all-${kind}`, kind);
    const pipeline = pipelineOf(onMoto(account));
    const { service } = account;
    await pipeline.ledger.applyConfiguration([service], { author: 'a test', commit: '', at: Date.now() });

    await pipeline.publish(await account.push('v1'), 'v1');
    await pipeline.rest();
    expect(await pipeline.newest()).toMatchObject({ outcome: 'live' });
    const first = (await pipeline.row()).live;

    await pipeline.publish(await account.push('v22'), 'v22');
    await pipeline.rest();
    expect(await pipeline.newest()).toMatchObject({ outcome: 'live', label: expect.stringContaining('v22') });
    const second = (await pipeline.row()).live;
    expect(second?.slot).not.toBe(first?.slot);
    expect(await pipeline.weights()).toEqual(second?.slot === 'blue' ? [100, 0] : [0, 100]);
    expect(await pipeline.running()).toEqual(Array(2).fill(second?.release));

    const healthyAgain = await pipeline.newcomersAreUnhealthy();
    await pipeline.publish(await account.push('v333'), 'v333');
    await pipeline.rest();
    healthyAgain();
    expect(await pipeline.newest()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('not ready') });
    expect((await pipeline.row()).live?.release).toBe(second?.release);
    expect(await pipeline.running()).toEqual(Array(2).fill(second?.release));
    if (kind === 'groups') {
      const { AutoScalingGroups = [] } = await client('autoscaling').send(
        new DescribeAutoScalingGroupsCommand({
          AutoScalingGroupNames: [`${service.name}-blue`, `${service.name}-green`],
        }),
      );
      const kept = AutoScalingGroups.map(({ MinSize, DesiredCapacity, SuspendedProcesses }) => [
        MinSize,
        DesiredCapacity,
        SuspendedProcesses?.length,
      ]);
      // The one that serves keeps its number, the other is as it was found.
      expect(kept.toSorted()).toEqual([
        [0, 0, 0],
        [2, 2, 0],
      ]);
    }
  }, 600_000);

  test('an execution that is stopped is recovered from, and a person’s abort goes back', async () => {
    const account = await createAccount(`back-${kind}`, kind);
    const pipeline = pipelineOf(onMoto(account));
    const { service } = account;
    const slow = { ...service, strategy: { steps: [50, 100].map((weight) => ({ weight, bake: 20 })) } };
    await pipeline.ledger.applyConfiguration([service], { author: 'a test', commit: '', at: Date.now() });
    await pipeline.publish(await account.push('v1'), 'v1');
    await pipeline.rest();
    const before = (await pipeline.row()).live;
    await pipeline.ledger.applyConfiguration([slow], { author: 'a test', commit: '', at: Date.now() });

    await pipeline.publish(await account.push('v22'), 'v22');
    const half = async () => (await pipeline.weights()).join() === '50,50';
    await pipeline.until(half, 'half of the traffic');
    const lock = (await pipeline.row()).lock as { execution: string };
    pipeline.cloud.machine.stop(lock.execution, { error: 'by hand' });
    await pipeline.rest();
    expect((await pipeline.row()).live?.release).toBe(before?.release);
    expect(await pipeline.newest()).toMatchObject({ outcome: 'failed' });

    await pipeline.publish(await account.push('v333'), 'v333');
    await pipeline.until(half, 'half of the traffic again');
    const { plan } = await pipeline.row();
    expect(plan).not.toBeNull();
    if (plan !== null)
      expect(await abortRollout(pipeline.ports(), plan, { why: 'the wrong one', by: 'ada' })).toBeNull();
    // Shift may still have been writing its weights, and corrects them itself.
    const isBack = async () => (await pipeline.weights()).join() === (before?.slot === 'blue' ? '100,0' : '0,100');
    await pipeline.until(isBack, 'all traffic back');
    await pipeline.rest();
    expect(await pipeline.newest()).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('the wrong one'),
    });
    expect(await pipeline.running()).toEqual(Array(2).fill(before?.release));
  }, 600_000);
});
