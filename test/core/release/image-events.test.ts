/** Events as AWS documents them, and which services they concern. */
import { describe, expect, test } from 'vitest';
import type { ImageSource } from '../../../core/config/service.ts';
import { ami, ecr, imageBuilder, parameter } from '../../../core/index.ts';
import { announcementOf, matches, matchServices } from '../../../core/release/image-events.ts';
import { service } from '../build.ts';

const digest = `sha256:${'7'.repeat(64)}`;

const event = (type: string, detail: unknown, resources: string[] = []) => ({
  version: '0',
  id: '13cde686-328b-6117-af20-0e5566167482',
  'detail-type': type,
  source: 'aws.any',
  account: '123456789012',
  time: '2026-01-05T09:00:00Z',
  region: 'eu-west-1',
  resources,
  detail,
});

const push = (different: Record<string, unknown> = {}) =>
  event('ECR Image Action', {
    result: 'SUCCESS',
    'repository-name': 'acme/checkout',
    'image-digest': digest,
    'action-type': 'PUSH',
    'image-tag': 'release-7',
    ...different,
  });

const amiChange = (State: string) =>
  event('EC2 AMI State Change', { RequestId: 'r', ImageId: 'ami-0abcdef1234567890', State, ErrorMessage: '' }, [
    'arn:aws:ec2:us-east-1::image/ami-0abcdef1234567890',
  ]);

const built = 'arn:aws:imagebuilder:us-west-2:111122223333:image/checkout/1.0.0/1';
const build = (status: string, resources = [built]) =>
  event(
    'EC2 Image Builder Image State Change',
    { 'previous-state': { status: 'TESTING' }, state: { status } },
    resources,
  );

const change = (operation: string, name = '/checkout/ami') =>
  event('Parameter Store Change', { operation, name, type: 'String' });

const sources = {
  ecr: { kind: 'ecr', repository: 'acme/checkout', tags: ['release-*', 'v?'] },
  ami: { kind: 'ami', name: 'checkout-*', owner: 'self' },
  imageBuilder: { kind: 'imageBuilder', arn: 'arn:aws:imagebuilder:us-west-2:111122223333:image/checkout' },
  parameter: { kind: 'parameter', name: '/checkout/ami' },
} as const satisfies Record<string, ImageSource>;

describe('a source takes', () => {
  test.each([
    ['a push under a tag that matches, by its digest', sources.ecr, push(), { what: digest, sure: true }],
    ['a push under its second pattern', sources.ecr, push({ 'image-tag': 'v7' }), { what: digest, sure: true }],
    [
      'any AMI that became available, to be looked up',
      sources.ami,
      amiChange('available'),
      { what: 'ami-0abcdef1234567890', sure: false },
    ],
    ['a build of any version of its image', sources.imageBuilder, build('AVAILABLE'), { what: built, sure: true }],
    [
      'a build of its one version',
      { ...sources.imageBuilder, arn: built.slice(0, -2) },
      build('AVAILABLE'),
      { what: built, sure: true },
    ],
    ['a new parameter', sources.parameter, change('Create'), { what: '/checkout/ami', sure: true }],
    ['a changed parameter', sources.parameter, change('Update'), { what: '/checkout/ami', sure: true }],
    [
      'a parameter named without its first slash',
      sources.parameter,
      change('Update', 'checkout/ami'),
      { what: '/checkout/ami', sure: true },
    ],
    [
      'a parameter named by its ARN',
      sources.parameter,
      change('Update', 'arn:aws:ssm:us-east-2:123456789012:parameter/checkout/ami'),
      { what: '/checkout/ami', sure: true },
    ],
    [
      'a push to a repository named by its ARN',
      sources.ecr,
      push({ 'repository-name': 'arn:aws:ecr:us-east-2:123456789012:repository/acme/checkout' }),
      { what: digest, sure: true },
    ],
  ])('%s', (_, source, given, expected) => {
    expect(matches(source, given)).toEqual(expected);
  });
});

describe('a source leaves', () => {
  test.each([
    ['a push to another repository', sources.ecr, push({ 'repository-name': 'acme/shop' })],
    [
      'a push to a repository whose name only begins the same',
      sources.ecr,
      push({ 'repository-name': 'acme/checkout-tools' }),
    ],
    ['a push under another tag', sources.ecr, push({ 'image-tag': 'dev-7' })],
    ['a push without a tag', sources.ecr, push({ 'image-tag': undefined })],
    ['a push with an empty tag', { ...sources.ecr, tags: ['*'] }, push({ 'image-tag': '' })],
    ['an AMI, being a repository', sources.ecr, amiChange('available')],
    ['a push, being an AMI', sources.ami, push()],
    [
      'a build of an image whose name only begins the same',
      sources.imageBuilder,
      build('AVAILABLE', [built.replace('checkout', 'checkout-tools')]),
    ],
    [
      'a build of another account',
      sources.imageBuilder,
      build('AVAILABLE', [built.replace('111122223333', '999999999999')]),
    ],
    [
      'a build of another partition',
      sources.imageBuilder,
      build('AVAILABLE', [built.replace('arn:aws:', 'arn:aws-cn:')]),
    ],
    ['another parameter', sources.parameter, change('Update', '/checkout/ami/old')],
  ])('%s', (_, source, given) => {
    expect(matches(source, given)).toBeNull();
  });
});

describe('not an image is', () => {
  test.each([
    [
      'a deleted one',
      push({ 'action-type': 'DELETE' }),
      'it is a DELETE with the result SUCCESS, not a successful PUSH',
    ],
    ['a failed push', push({ result: 'FAILURE' }), 'it is a PUSH with the result FAILURE, not a successful PUSH'],
    [
      'a push without a digest',
      push({ 'image-digest': undefined }),
      'this "ECR Image Action" event lacks image-digest',
    ],
    ['an AMI that failed', amiChange('failed'), 'ami-0abcdef1234567890 is failed, not available'],
    ['an AMI that is gone', amiChange('deregistered'), 'ami-0abcdef1234567890 is deregistered, not available'],
    ['a build under test', build('TESTING'), 'the build is TESTING, not AVAILABLE'],
    ['a build without a name', build('AVAILABLE', []), 'it names no image'],
    ['a parameter that was deleted', change('Delete'), '/checkout/ami had a Delete, not a Create or Update'],
    [
      'a label on a parameter',
      change('LabelParameterVersion'),
      '/checkout/ami had a LabelParameterVersion, not a Create or Update',
    ],
    [
      'a push whose digest is none',
      push({ 'image-digest': `${digest}0` }),
      'this "ECR Image Action" event lacks image-digest',
    ],
    [
      'a push whose digest is part of something',
      push({ 'image-digest': `x${digest}` }),
      'this "ECR Image Action" event lacks image-digest',
    ],
    [
      'a push that lacks several things',
      push({ 'image-digest': undefined, result: undefined }),
      'this "ECR Image Action" event lacks result, image-digest',
    ],
    [
      'a state of what is no AMI',
      event('EC2 AMI State Change', { ImageId: 'i-0abc', State: 'available' }),
      'this "EC2 AMI State Change" event lacks ImageId',
    ],
    [
      'a state of an AMI and more',
      event('EC2 AMI State Change', { ImageId: 'x-ami-0abc', State: 'available' }),
      'this "EC2 AMI State Change" event lacks ImageId',
    ],
    [
      'a build without a state',
      event('EC2 Image Builder Image State Change', { state: {} }, [built]),
      'this "EC2 Image Builder Image State Change" event lacks state.status',
    ],
    ['a scan', event('ECR Image Scan', { 'scan-status': 'COMPLETE' }), '"ECR Image Scan" events announce none'],
    [
      'a replication',
      event('ECR Replication Action', { 'action-type': 'REPLICATE' }),
      '"ECR Replication Action" events announce none',
    ],
    ['a thing with an inherited name', event('constructor', {}), '"constructor" events announce none'],
    [
      'an event without a detail',
      event('Parameter Store Change', undefined),
      'this "Parameter Store Change" event lacks a detail',
    ],
    ['no event', 'hello', 'it is no EventBridge event'],
    ['nothing', undefined, 'it is no EventBridge event'],
  ])('%s', (_, given, reason) => {
    expect(announcementOf(given)).toBe(reason);
    expect(matchServices(given, [service()])).toEqual({ matches: [], reason: `not an image: ${reason}` });
  });
});

test('a build without resources at all names no image', () => {
  const { resources: _, ...rest } = build('AVAILABLE');
  expect(announcementOf(rest)).toBe('it names no image');
});

test('an image pushed under no tag is nobody’s, whatever the patterns', () => {
  expect(announcementOf(push({ 'image-tag': '' }))).toMatchObject({ kind: 'ecr', tag: null });
  expect(announcementOf(push({ 'image-tag': undefined }))).toMatchObject({ kind: 'ecr', tag: null });
});

test('names that only look like ARNs are taken as they are', () => {
  expect(announcementOf(change('Update', 'x/arn:aws:ssm:eu-west-1:1:parameter/y'))).toEqual({
    kind: 'parameter',
    name: 'x/arn:aws:ssm:eu-west-1:1:parameter/y',
  });
});

describe('an event', () => {
  const checkout = service();
  const shop = service({ image: ecr('acme/checkout') }, 'shop');
  const search = service({ image: ami({ name: 'search-*' }) }, 'search');
  const cart = service({ image: imageBuilder(sources.imageBuilder.arn) }, 'cart');
  const mail = service({ image: parameter('/checkout/ami') }, 'mail');
  const all = [checkout, shop, search, cart, mail];

  test.each([
    ['push', push(), ['checkout', 'shop']],
    ['push under another tag', push({ 'image-tag': 'dev' }), ['shop']],
    ['AMI', amiChange('available'), ['search']],
    ['build', build('AVAILABLE'), ['cart']],
    ['parameter', change('Update'), ['mail']],
  ])('about a %s concerns every service whose source it is', (_, given, expected) => {
    const { matches: found, reason } = matchServices(given, all);
    expect(found.map((match) => match.service.name)).toEqual(expected);
    expect(reason).toBeNull();
  });

  test.each([
    [push({ 'repository-name': 'acme/other' }), "nobody's: no service takes acme/other:release-7"],
    [
      push({ 'repository-name': 'acme/other', 'image-tag': null }),
      "nobody's: no service takes acme/other without a tag",
    ],
    [change('Update', '/other'), "nobody's: no service takes the parameter /other"],
    [build('AVAILABLE', ['arn:other']), "nobody's: no service takes arn:other"],
  ])("that is nobody's says so", (given, reason) => {
    expect(matchServices(given, all)).toEqual({ matches: [], reason });
  });

  test("about an AMI is nobody's where no service takes AMIs", () => {
    expect(matchServices(amiChange('available'), [checkout]).reason).toBe(
      "nobody's: no service takes ami-0abcdef1234567890",
    );
  });
});
