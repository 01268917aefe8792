/** The port option: a number, checked. */
import { InvalidArgumentError, Option } from 'commander';

export const standardPort = 8080;

export const portOption = (): Option =>
  new Option(
    '--port <number>',
    `the port of the load balancer (default: ${standardPort}, or the next free port)`,
  ).argParser((text) => {
    const port = Number(text);
    if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
    throw new InvalidArgumentError('expected a port from 1 to 65535.');
  });
