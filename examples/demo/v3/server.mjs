// The demo's service: what a release does differently is in its image.json.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    failing: { type: 'string', default: '0' },
    database: { type: 'string', default: '' },
  },
});
const failing = Number(values.failing);
const instance = process.env.CUTOVER_INSTANCE ?? 'local';
const say = (line) => console.log(`${new Date().toISOString()} ${line}`);

// Multiples of the golden ratio spread evenly without a pattern: 8 % of any hundred requests, though not every twelfth. Each instance begins elsewhere.
const seed = [...instance].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1000, 7) / 1000;
let served = 0;
const fails = () => (seed + ++served * 0.618033988749895) % 1 < failing;

const healthy = values.database === '';
let inFlight = 0;
let leaving = false;

const server = createServer((request, response) => {
  inFlight++;
  const answer = (status, body) => {
    // Whoever is told so opens its next connection to somebody else.
    if (leaving) response.setHeader('connection', 'close');
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-version': values.version })
      .end(`${JSON.stringify(body)}\n`);
  };
  response.on('close', () => {
    inFlight--;
    leaveWhenIdle();
  });
  if (request.url === '/health')
    return answer(healthy ? 200 : 503, healthy ? { status: 'ok' } : { status: 'unhealthy', database: 'unreachable' });
  if (!healthy) return answer(503, { error: 'no database' });
  // As long as a small query takes.
  setTimeout(
    () =>
      fails()
        ? answer(500, { error: "cannot read property 'price' of undefined" })
        : answer(200, { version: values.version, instance }),
    2 + Math.random() * 3,
  );
});

const leaveWhenIdle = () => {
  if (leaving && inFlight === 0) server.close(() => process.exit(0));
};

process.on('SIGTERM', () => {
  say(`SIGTERM: finishing ${inFlight} requests`);
  leaving = true;
  leaveWhenIdle();
});

const connect = (attempt) => {
  say(`ERROR connect ECONNREFUSED ${values.database}: attempt ${attempt}, retrying in ${Math.min(2 ** attempt, 30)} s`);
  setTimeout(connect, Math.min(2 ** attempt, 30) * 1000, attempt + 1);
};

// Reading configuration and warming up.
setTimeout(() => {
  server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
    say(`orders ${values.version} listens on ${server.address().port}`);
    if (!healthy) {
      say(`connecting to the orders database at ${values.database}`);
      connect(1);
    }
  });
}, 250);
