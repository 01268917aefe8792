/** SSM: one parameter's value, by name or ARN. */
import type * as ssm from '@aws-sdk/client-ssm';
import { type Answer, awsError, type Handlers, only } from '../client.ts';
import { account, region, type World } from './world.ts';

/** A name's leading slash is not doubled in its ARN. */
export const parameterArn = (name: string): string =>
  `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;

export const ssmHandlers = (world: World) =>
  ({
    GetParameter: (input: ssm.GetParameterCommandInput): Answer<ssm.GetParameterCommandOutput> => {
      only('ssm GetParameter', input, ['Name', 'WithDecryption']);
      const asked = input.Name ?? '';
      const parameter =
        world.parameters.get(asked) ?? [...world.parameters.values()].find(({ name }) => parameterArn(name) === asked);
      if (parameter === undefined) throw awsError('ParameterNotFound', `Parameter ${asked} not found.`);
      const { name, value, version, changedAt } = parameter;
      return {
        Parameter: {
          Name: name,
          Type: 'String',
          Value: value,
          Version: version,
          LastModifiedDate: new Date(changedAt),
          ARN: parameterArn(name),
        },
      };
    },
  }) satisfies Handlers;
