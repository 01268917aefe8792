// The demo's service. Against a production configuration only times differ: bakes of seconds, and a clock that ticks faster.
import { canary, defineServices, ecr, http, instances } from 'cutover';

const balancing = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';

export default defineServices({
  orders: {
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
    // At 200 requests a second, 5 % for 5 seconds is 50 requests and 25 % for 5 seconds 250. The last second of them is not counted
    // yet when it is judged: 40 + 50 + 200 are, say 250. Where 8 % fail, that is 20 errors, and 8 are enough to prove more than the
    // allowed 1 % (8 or more of 250 at 1 %: 0.4 %). Fewer than 8 when 20 are expected: once in 1,300 runs, if errors fell by chance;
    // the demo's fall evenly, so it does not happen.
    strategy: canary([5, 25, 50], { bake: '5 seconds', keepOldFor: '4 seconds' }),
    checks: { smoke: [http.get('/health')] },
    // In production a minute and two: here the load balancer's figures come every second, and a function is done within two.
    timing: { period: '1 second', settling: '2 seconds' },
  },
});
