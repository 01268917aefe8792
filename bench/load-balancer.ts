/** What the local load balancer adds to a request: the same service, the same load, directly and through it, in one run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { load } from '../local/load.ts';
import { loadBalancer } from '../local/load-balancer.ts';

const PER_SECOND = 500;
const WARM_UP = PER_SECOND * 2;
const MEASURED = PER_SECOND * 10;

const service = `
  const server = require('node:http').createServer((_, response) => response.writeHead(200, { 'x-version': '1' }).end('{"ok":true}'));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.on('disconnect', () => process.exit());`;

interface Latency {
  p50: number;
  p99: number;
  failed: number;
}

/** Every latency is kept, so that the figures are exact; sending and balancing share one process, as they do in the demo. */
const measure = async (port: number): Promise<Latency> => {
  const latencies: number[] = [];
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const traffic = load({
    url: `http://127.0.0.1:${port}/`,
    perSecond: PER_SECOND,
    onResult: ({ ms }) => latencies.push(ms) === WARM_UP + MEASURED && finish(),
  });
  await finished;
  const { failed, notSent } = await traffic.stop();
  const measured = latencies.slice(WARM_UP, WARM_UP + MEASURED).sort((a, b) => a - b);
  const at = (share: number): number => measured[Math.floor(measured.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), failed: failed + notSent };
};

/** Prints p50 and p99 in milliseconds, directly and through the balancer, and what it adds. Takes about half a minute. */
export const loadBalancerBench = async (): Promise<{ direct: Latency; balanced: Latency }> => {
  const child = spawn(process.execPath, ['-e', service], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
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
  const direct = await measure(port);
  const balanced = await measure(balancedPort);
  await balancer.close();
  child.kill();

  const line = (name: string, { p50, p99, failed }: Latency): string =>
    `  ${name.padEnd(20)} p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   failed ${failed}`;
  console.log(`load balancer, ${PER_SECOND} requests a second, ${MEASURED} measured`);
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
