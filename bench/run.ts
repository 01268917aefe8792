/** `npm run bench`: every figure the project claims, measured here and printed. `npm run bench -- rollouts` runs one of them. */
import { abortBench } from './abort.ts';
import { canaryBench } from './canary.ts';
import { figuresBench } from './figures.ts';
import { functionsBench } from './functions.ts';
import { judgingBench } from './judgement.ts';
import { loadBalancerBench } from './load-balancer.ts';
import { overheadBench } from './overhead.ts';
import { priceBench } from './price.ts';
import { rolloutsBench } from './rollouts.ts';
import { sizeBench } from './size.ts';

const benches: Record<string, () => unknown> = {
  figures: figuresBench,
  size: sizeBench,
  judging: judgingBench,
  abort: abortBench,
  functions: functionsBench,
  canary: canaryBench,
  overhead: overheadBench,
  price: priceBench,
  rollouts: () => rolloutsBench(),
  'load-balancer': loadBalancerBench,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : Object.keys(benches)) await benches[name]?.();
