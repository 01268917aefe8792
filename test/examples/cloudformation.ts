/** The CloudFormation template of examples/, parsed, with its references as they are written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type ScalarTag } from 'yaml';

export const stackFolder = join(import.meta.dirname, '..', '..', 'examples', 'cloudformation');

const short = (name: string): ScalarTag => ({ tag: `!${name}`, resolve: (value: string) => `!${name} ${value}` });

export interface StackResource {
  Type: string;
  UpdatePolicy?: Record<string, unknown>;
  Properties: Record<string, unknown>;
}

export const template = (
  file = join(stackFolder, 'service.yaml'),
): { Resources: Record<string, StackResource>; Outputs: Record<string, unknown> } =>
  parse(readFileSync(file, 'utf8'), {
    customTags: ['Ref', 'Sub', 'GetAtt'].map(short),
  });

export const stackPolicy = (): {
  Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
} => JSON.parse(readFileSync(join(stackFolder, 'stack-policy.json'), 'utf8'));

/** Does the stack policy let an update change this resource in place? */
export const mayUpdate = (logicalId: string): boolean => {
  const list = (value: string | string[]) => (Array.isArray(value) ? value : [value]);
  const matching = stackPolicy().Statement.filter(
    ({ Action, Resource }) =>
      list(Resource).some((one) => one === '*' || one === `LogicalResourceId/${logicalId}`) &&
      list(Action).some((one) => one === 'Update:*' || one === 'Update:Modify'),
  );
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny');
};
