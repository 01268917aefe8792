// The demo's service. Against a production configuration only times differ: bakes of seconds, and a clock that ticks faster.
import { canary, defineServices, ecr, instances, type WrittenService } from 'cutover';

const balancing = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';

export const orders = {
  image: ecr('demo/orders', { tags: ['v*'] }),
  fleet: instances({
    launchTemplate: 'orders',
    subnets: ['subnet-0a0a0a0a', 'subnet-0b0b0b0b'],
    count: 4,
  }),
  rules: [`${balancing}:listener-rule/app/demo/0123456789abcdef/0123456789abcdef/0123456789abcdef`],
  slots: {
    blue: `${balancing}:targetgroup/orders-blue/0123456789abcdef`,
    green: `${balancing}:targetgroup/orders-green/0123456789abcdef`,
  },
  // 200 requests a second make 50 of the new version in a second at 25 %. The last two or three seconds are not counted yet when they are
  // judged: 3 of 6 at least, beside those at 5 %. Where 8 % of them fail and none of the old version's, that is evidence of over 100 to 1
  // that it is worse, even if its errors came three at a time.
  strategy: canary([5, 25, 50], { bake: '6 seconds', keepOldFor: '4 seconds' }),
  // In production a minute and two: here the load balancer's figures come every second, and a function is done within two.
  timing: { period: '1 second', settling: '2 seconds' },
} satisfies WrittenService;

export default defineServices({ orders });
