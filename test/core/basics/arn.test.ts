/** The parts of an ARN. */
import { expect, it } from 'vitest';
import { arnParts } from '../../../core/basics/arn.ts';

it('an ARN names a partition, a service, a region, an account and a resource, colons included', () => {
  expect(arnParts('arn:aws-cn:states:cn-north-1:111122223333:execution:shop:one')).toEqual({
    partition: 'aws-cn',
    service: 'states',
    region: 'cn-north-1',
    account: '111122223333',
    resource: 'execution:shop:one',
  });
});

it('what belongs to no region has an empty one, and what is no ARN has nothing', () => {
  expect(arnParts('arn:aws:iam::111122223333:role/shop')).toMatchObject({ region: '', account: '111122223333' });
  expect(arnParts('shop:blue:eu-west-1:x:y')).toMatchObject({ region: '', account: '', resource: '' });
  expect(arnParts('')).toMatchObject({ region: '', account: '' });
});
