/** References to ECR images in every form in which CI writes them. */
import { describe, expect, test } from 'vitest';
import { ecrReference, referenceProblem, registryHost } from '../../../core/release/ecr-reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('a reference', () => {
  test.each([
    ['111122223333.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['111122223333.dkr-ecr.eu-west-1.on.aws', 'eu-west-1'],
    ['111122223333.dkr-ecr-fips.us-east-1.on.aws', 'us-east-1'],
    ['111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
  ])('to %s is read', (host, region) => {
    const registry = { host, account: '111122223333', region };
    expect(ecrReference(`${host}/acme/shop:v1@${digest}`)).toEqual({
      registry,
      repository: 'acme/shop',
      tag: 'v1',
      digest,
    });
    expect(ecrReference(`${host}/shop@${digest}`)).toEqual({ registry, repository: 'shop', tag: null, digest });
    expect(ecrReference(`${host}/shop:v1`)).toEqual({ registry, repository: 'shop', tag: 'v1', digest: null });
  });

  test('without a host is of one’s own registry', () => {
    expect(ecrReference(`acme/shop@${digest}`)).toEqual({ registry: null, repository: 'acme/shop', tag: null, digest });
  });

  test.each(['', 'ghcr.io/acme/shop', `docker.io/shop@${digest}`, 'a b', `shop@${digest.slice(0, -1)}`, '/shop'])(
    'that is %s is none',
    (text) => {
      expect(ecrReference(text)).toBeNull();
    },
  );
});

test('a registry’s host has the domain of its partition', () => {
  expect(registryHost('1', 'eu-west-1')).toBe('1.dkr.ecr.eu-west-1.amazonaws.com');
  expect(registryHost('1', 'cn-north-1')).toBe('1.dkr.ecr.cn-north-1.amazonaws.com.cn');
  expect(registryHost('1', 'eusc-de-east-1')).toBe('1.dkr.ecr.eusc-de-east-1.amazonaws.eu');
  expect(registryHost('1', 'us-iso-east-1')).toBe('1.dkr.ecr.us-iso-east-1.c2s.ic.gov');
  expect(registryHost('1', 'us-isob-east-1')).toBe('1.dkr.ecr.us-isob-east-1.sc2s.sgov.gov');
});

test('an AMI’s id and an image of the account and region are read', () => {
  for (const text of [
    'ami-0a1b2c3d',
    `acme/shop@${digest}`,
    `${registryHost('111122223333', 'eu-west-1')}/shop:v1@${digest}`,
  ])
    expect(referenceProblem(text, '111122223333', 'eu-west-1')).toBeNull();
});
