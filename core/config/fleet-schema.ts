/** The schema of a service's fleet, listener rules and target groups. */

import * as z from 'zod';
import { defaults } from './defaults.ts';
import { arn, id, key, list, strict, text, whole } from './values.ts';

const count = whole("a whole number of instances from 1 to 1000, a target group's limit", 1, 1000);

/** Auto Scaling allows up to 255 characters, and no colon. */
const group = text('the name of an Auto Scaling group', /^(?=.{1,255}$)[^\s:/](?:[^:/]*[^\s:/])?$/);

export const fleet = z.discriminatedUnion(
  'kind',
  [
    strict('a fleet', {
      kind: z.literal('instances'),
      launchTemplate: key(
        text(
          'the name or id of a launch template, without a version: its default one is pinned at each admission',
          /^[A-Za-z0-9().\-/_]{3,128}$/,
        ),
        'The launch template that instances are launched from. Its default version at admission is used for the whole rollout.',
        "'shop'",
      ),
      subnets: key(
        list('a list of at least one subnet', text('a subnet id like "subnet-0a1b2c3d"', /^subnet-[A-Za-z0-9-]+$/), 1),
        'The subnets that instances are spread over.',
        "['subnet-0a1b2c3d', 'subnet-4e5f6a7b']",
      ),
      count: key(count, 'How many instances the service needs for all of its traffic.', '4'),
    }),
    strict('a fleet', {
      kind: z.literal('groups'),
      blue: key(
        group,
        'The name of the Auto Scaling group whose instances are targets of `slots.blue`.',
        "'shop-blue'",
      ),
      green: key(group, 'The same for `slots.green`.', "'shop-green'"),
      count: key(
        count.default(defaults.groupCount),
        "How many instances the very first rollout launches, while neither group runs any. Later rollouts use the live group's own number.",
        '4',
      ),
    }),
  ],
  { error: 'a fleet: groups({ blue, green }) or instances({ launchTemplate, subnets, count })' },
);

const targetGroup = text(
  'a target group\'s ARN like "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/checkout-blue/0123456789abcdef"',
  arn('elasticloadbalancing', `targetgroup/${id}/${id}`),
);

const exampleOf = (slot: string): string =>
  `'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-${slot}/6d0ecf831eec9f0${slot.length}'`;

export const slots = strict('the ARNs of two target groups: { blue, green }', {
  blue: key(targetGroup, 'The ARN of the first target group.', exampleOf('blue')),
  green: key(targetGroup, 'The ARN of the second target group.', exampleOf('green')),
});

export const rules = list(
  "a list of at least one listener rule's ARN",
  text(
    'the ARN of an Application Load Balancer\'s listener rule, "arn:aws:elasticloadbalancing:…:listener-rule/app/…"',
    arn('elasticloadbalancing', `listener-rule/app/${id}/${id}/${id}/${id}`),
  ),
  1,
);
