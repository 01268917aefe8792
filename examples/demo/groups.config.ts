// The demo's service once more, its fleet in two Auto Scaling groups.
import { defineServices, groups } from 'cutover';
import { orders } from './cutover.config.ts';

export default defineServices({
  orders: { ...orders, fleet: groups({ blue: 'orders-blue', green: 'orders-green', count: 4 }) },
});
