// A fleet as most are when Cutover comes: one Auto Scaling group serves, one target group, a rule that leads there alone. The second
// group is there and empty; the second target group is not, so it stands here by the name that it is to get. `cutover adopt` makes it.
import { canary, defineServices, ecr, groups } from 'cutover';

const balancing = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';

export default defineServices({
  orders: {
    image: ecr('demo/orders', { tags: ['v*'] }),
    fleet: groups({ blue: 'orders', green: 'orders-2', count: 4 }),
    rules: [`${balancing}:listener-rule/app/demo/0123456789abcdef/0123456789abcdef/0123456789abcdef`],
    slots: { blue: `${balancing}:targetgroup/orders/0123456789abcdef`, green: 'orders-2' },
    strategy: canary([5, 25, 50], { bake: '6 seconds', keepOldFor: '4 seconds' }),
    timing: { period: '1 second', settling: '2 seconds' },
  },
});
