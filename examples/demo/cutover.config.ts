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
  // 200 requests a second make 50 in 5 seconds at 5 %, and 250 at 25 %. The last second or two are not counted yet when they are judged:
  // 170 at least by the end of 25 %. Where 8 % fail, 13 of those have, and 7 prove more than the allowed 1 % (7 or more of 170 at 1 %:
  // 0.2 %). If errors fell by chance, one run in 70 would have fewer than 7; the demo's fall evenly, and 9 is the least.
  strategy: canary([5, 25, 50], { bake: '5 seconds', keepOldFor: '4 seconds' }),
  // In production a minute and two: here the load balancer's figures come every second, and a function is done within two.
  timing: { period: '1 second', settling: '2 seconds' },
} satisfies WrittenService;

export default defineServices({ orders });
