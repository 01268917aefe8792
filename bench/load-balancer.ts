/** What the local load balancer adds to a request: the same service, the same load, directly and through it, in one run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { load } from '../local/load.ts';
import { loadBalancer } from '../local/load-balancer.ts';

const PER_SECOND = 500;
/** Taken in turns, so that what else the machine does falls on both. */
const ROUNDS = 5;
const PER_ROUND = PER_SECOND * 2;

const service = `
  const server = require('node:http').createServer((_, response) => response.writeHead(200, { 'x-version': '1' }).end('{"ok":true}'));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.on('disconnect', () => process.exit());`;

interface Latency {
  p50: number;
  p99: number;
  failed: number;
}

interface Sample {
  latencies: number[];
  failed: number;
}

/** Every latency is kept, so that the figures are exact; sending and balancing share one process, as they do in the demo. */
const sample = async (port: number, into: Sample): Promise<void> => {
  const until = into.latencies.length + PER_ROUND;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const traffic = load({
    url: `http://127.0.0.1:${port}/`,
    perSecond: PER_SECOND,
    onResult: ({ ms }) => into.latencies.push(ms) === until && finish(),
  });
  await finished;
  const { failed, notSent } = await traffic.stop();
  into.failed += failed + notSent;
};

const latencyOf = ({ latencies, failed }: Sample): Latency => {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), failed };
};

/** Prints p50 and p99 in milliseconds, directly and through the balancer, and what it adds. Takes about half a minute. */
export const loadBalancerBench = async (): Promise<{ direct: Latency; balanced: Latency }> => {
  const child = spawn(process.execPath, ['-e', service], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [printed] = child.stdout === null ? [] : await once(child.stdout, 'data');
  const port = Number(printed);
  const balancer = loadBalancer({
    routing: {
      weights: () => [
        { targetGroup: 'blue', weight: 95 },
        { targetGroup: 'green', weight: 5 },
      ],
      targets: (group) => [{ id: group, host: '127.0.0.1', port, draining: false, healthy: true }],
      checks: () => ({}),
    },
  });
  const balancedPort = await balancer.listen('bench', 0);
  const empty = (): Sample => ({ latencies: [], failed: 0 });
  await sample(port, empty());
  await sample(balancedPort, empty());
  const [directly, through] = [empty(), empty()];
  for (let round = 0; round < ROUNDS; round++) {
    await sample(port, directly);
    await sample(balancedPort, through);
  }
  const [direct, balanced] = [latencyOf(directly), latencyOf(through)];
  await balancer.close();
  child.kill();

  const line = (name: string, { p50, p99, failed }: Latency): string =>
    `  ${name.padEnd(20)} p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   failed ${failed}`;
  console.log(`load balancer, ${PER_SECOND} requests a second, ${ROUNDS * PER_ROUND} measured each way`);
  console.log(line('directly', direct));
  console.log(line('through the balancer', balanced));
  console.log(
    line('added', {
      p50: balanced.p50 - direct.p50,
      p99: balanced.p99 - direct.p99,
      failed: balanced.failed - direct.failed,
    }),
  );
  return { direct, balanced };
};

if (process.argv[1] === import.meta.filename) await loadBalancerBench();
