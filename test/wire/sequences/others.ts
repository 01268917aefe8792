/** CloudWatch, ECR, Systems Manager, IAM, EventBridge, Step Functions. */
import { createHash } from 'node:crypto';
import { DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeImagesCommand, type DescribeImagesCommandInput } from '@aws-sdk/client-ecr';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetInstanceProfileCommand, GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { codeOf, type Sequence } from '../sides.ts';

const digestOf = (what: string): string => `sha256:${createHash('sha256').update(what).digest('hex')}`;

export const sequencesOfOthers: Sequence[] = [
  {
    name: 'DescribeAlarms by name, one of which is not there',
    run: async ({ cloudwatch }, { setAlarm, service }) => {
      const name = `${service.name}-5xx`;
      await setAlarm(name, 'ALARM', 'too many');
      const named = async (AlarmNames: string[]) => {
        const AlarmTypes = ['MetricAlarm' as const, 'CompositeAlarm' as const];
        const command = new DescribeAlarmsCommand({ AlarmNames, AlarmTypes, MaxRecords: 100 });
        const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(command);
        return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName, StateValue, StateReason }) => ({
          AlarmName,
          StateValue,
          StateReason,
        }));
      };
      return { found: await named([name, 'none']), none: await named(['none']) };
    },
  },
  {
    name: 'GetMetricData where nothing was measured',
    run: async ({ cloudwatch }, { service }) => {
      const [rule = ''] = service.rules;
      const Dimensions = [
        { Name: 'LoadBalancer', Value: rule.split('/').slice(1, 4).join('/') },
        { Name: 'TargetGroup', Value: service.slots.blue.split(':').at(-1) },
      ];
      const query = (Id: string, MetricName: string, Stat: string) => ({
        Id,
        MetricStat: { Metric: { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions }, Period: 60, Stat },
      });
      const { MetricDataResults = [], NextToken } = await cloudwatch.send(
        new GetMetricDataCommand({
          MetricDataQueries: [
            query('blue_requests', 'RequestCount', 'Sum'),
            query('blue_slow0', 'TargetResponseTime', 'TC(0.40000:)'),
          ],
          StartTime: new Date('2026-01-05T08:00:00Z'),
          EndTime: new Date('2026-01-05T08:10:00Z'),
          ScanBy: 'TimestampAscending',
        }),
      );
      return {
        results: MetricDataResults.map(({ Id, StatusCode, Timestamps, Values }) => ({
          Id,
          StatusCode,
          Timestamps,
          Values,
        })),
        more: NextToken !== undefined,
      };
    },
  },
  {
    name: 'DescribeImages of a repository by tag, by digest, all',
    run: async ({ ecr }, { repository: repositoryName, push }) => {
      const digests = ['v1', 'v2'].map(digestOf);
      for (const [index, digest] of digests.entries()) await push(`v${index + 1}`, digest);
      const found = async (input: Partial<DescribeImagesCommandInput>) => {
        const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName, ...input }));
        return imageDetails
          .map(({ imageDigest = '', imageTags, ...image }) => ({
            image: digests.indexOf(imageDigest),
            imageTags,
            repositoryName: image.repositoryName,
            registryId: image.registryId,
            imageStatus: image.imageStatus ?? 'ACTIVE',
            subject: image.subjectManifestDigest,
          }))
          .filter(({ image }) => image >= 0)
          .toSorted((a, b) => a.image - b.image);
      };
      return {
        byTag: await found({ imageIds: [{ imageTag: 'v2' }] }),
        byDigest: await found({ imageIds: [{ imageDigest: digests[0] }] }),
        tagged: await found({ filter: { tagStatus: 'TAGGED' }, maxResults: 1000 }),
      };
    },
  },
  {
    name: 'DescribeImages of a repository, a tag and a digest that are not there',
    run: async ({ ecr }, { repository, push }) => {
      await push('w1', digestOf('w1'));
      const code = (repositoryName: string, imageId: { imageTag?: string; imageDigest?: string }) =>
        codeOf(ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [imageId] })));
      const all = new DescribeImagesCommand({ repositoryName: 'none', filter: { tagStatus: 'TAGGED' } });
      return {
        repository: await code('none', { imageTag: 'w1' }),
        images: await codeOf(ecr.send(all)),
        tag: await code(repository, { imageTag: 'none' }),
        digest: await code(repository, { imageDigest: digestOf('none') }),
        both: await code(repository, { imageTag: 'w1', imageDigest: digestOf('none') }),
      };
    },
  },
  {
    name: 'GetParameter before it is there, and after each change',
    run: async ({ ssm }, { putParameter, service }) => {
      const Name = `/${service.name}/ami`;
      const read = async (name: string) => {
        const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
        return { name: Parameter?.Name, value: Parameter?.Value, version: Parameter?.Version, arn: Parameter?.ARN };
      };
      const before = await codeOf(read(Name));
      await putParameter(Name, 'one');
      const first = await read(Name);
      await putParameter(Name, 'two');
      return { before, first, second: await read(Name), byArn: await read(first.arn ?? '') };
    },
  },
  {
    name: 'IAM asked for what is not there',
    run: async ({ iam }) => ({
      role: await codeOf(iam.send(new GetRoleCommand({ RoleName: 'none' }))),
      profile: await codeOf(iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'none' }))),
      rolesOfPath: (await iam.send(new ListRolesCommand({ PathPrefix: '/none/' }))).Roles,
    }),
  },
  {
    name: 'PutEvents with one entry, none and too many',
    run: async ({ eventbridge }) => {
      const entry = { Source: 'cutover', DetailType: 'Rollout Ended', Detail: '{"service":"shop"}' };
      const put = (many: number) => eventbridge.send(new PutEventsCommand({ Entries: Array(many).fill(entry) }));
      const { FailedEntryCount, Entries = [] } = await put(1);
      return {
        failed: FailedEntryCount,
        entries: Entries.map(({ EventId, ErrorCode }) => ({ id: typeof EventId, code: ErrorCode })),
        none: await codeOf(put(0)),
        eleven: await codeOf(put(11)),
      };
    },
  },
  {
    name: 'StartExecution twice under one name, and StopExecution twice',
    run: async ({ sfn }, { stateMachine: stateMachineArn }) => {
      const start = (input: string) => sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'shop-1', input }));
      const { executionArn } = await start('{"a":1}');
      const again = await codeOf(start('{"a":1}'));
      const otherInput = await codeOf(start('{"a":2}'));
      const { status, input, name } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 10 }));
      const all = executions.map((one) => [one.name, one.status]);
      const stop = () =>
        codeOf(sfn.send(new StopExecutionCommand({ executionArn, error: 'stuck', cause: 'it stands' })));
      const stopped = [await stop(), await stop()];
      const after = (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
      const one = { executionArn, reverseOrder: true, maxResults: 1 };
      const { events = [] } = await sfn.send(new GetExecutionHistoryCommand(one));
      const newest = events.map(({ type }) => type);
      return { again, otherInput, status, input, name, all, stopped, after, newest };
    },
  },
  {
    name: 'Step Functions asked for what is not there',
    run: async ({ sfn }, { stateMachine }) => {
      const executionArn = `${stateMachine.replace(':stateMachine:', ':execution:')}:none`;
      return {
        execution: await codeOf(sfn.send(new DescribeExecutionCommand({ executionArn }))),
        history: await codeOf(sfn.send(new GetExecutionHistoryCommand({ executionArn }))),
        stop: await codeOf(sfn.send(new StopExecutionCommand({ executionArn }))),
        machine: await codeOf(
          sfn.send(new StartExecutionCommand({ stateMachineArn: `${stateMachine}-none`, name: 'a', input: '{}' })),
        ),
        token: await codeOf(sfn.send(new SendTaskSuccessCommand({ taskToken: 'none', output: '{}' }))),
      };
    },
  },
];
