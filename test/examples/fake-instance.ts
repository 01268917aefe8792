/** An instance for cutover-run: a metadata service with IMDSv2, and commands in place of docker and aws that write down how they were called. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards } from '../cli/command-line.ts';
import { folder } from './user-data.ts';

export interface FakeInstance {
  /** The instance's tags as its metadata service tells them; absent: it tells none. */
  tags?: Record<string, string>;
  /** Answers of the metadata service that fail before the first good one. */
  metadataFails?: number;
  /** Pulls that fail before the first that works. */
  pullFails?: number;
  /** The image is there already. */
  present?: boolean;
  /** The program ends by itself, with this status. */
  endsWith?: number;
}

const password = 'a-secret-of-the-registry';

/** A program in a container: it answers, and lets what is in flight end when it is told to stop. */
const program = `
const { createServer } = require('node:http');
const server = createServer((request, response) => {
  if (request.url === '/slow') setTimeout(() => response.end('finished'), 400);
  else response.end(process.env.CUTOVER_IMAGE);
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listens'));
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

/** Stands for docker: \`run\` runs a real program with the variables that it was given, \`stop\` tells that to end. */
const docker = (at: string, { pullFails = 0, present = false, endsWith }: FakeInstance): string => `#!/bin/sh
echo "docker $*" >>'${at}/calls'
case $1 in
  login) cat >'${at}/password' ;;
  image) ${present ? 'exit 0' : `[ -e '${at}/pulled' ]`} ;;
  pull)
    echo x >>'${at}/pulls'
    [ "$(wc -l <'${at}/pulls')" -gt ${pullFails} ] || { echo 'no route to host' >&2; exit 1; }
    touch '${at}/pulled' ;;
  run)
    ${
      endsWith === undefined
        ? `while [ $# -gt 0 ]; do
      if [ "$1" = --env ]; then export "$2"; shift; fi
      shift
    done
    '${process.execPath}' '${at}/program.cjs' &
    echo $! >'${at}/pid'
    trap '' TERM
    wait "$!"`
        : `echo 'cannot read its settings'; exit ${endsWith}`
    } ;;
  stop) kill -TERM "$(cat '${at}/pid')" ;;
esac
`;

const aws = (at: string): string => `#!/bin/sh
echo "aws $*" >>'${at}/calls'
echo '${password}'
`;

const metadata = async ({ tags = {}, metadataFails = 0 }: FakeInstance): Promise<string> => {
  let failing = metadataFails;
  const server = createServer((request, response) => {
    const answer = (status: number, text = ''): void => void response.writeHead(status).end(text);
    if (failing-- > 0) return answer(503);
    const { method, url = '', headers } = request;
    if (method === 'PUT' && url === '/latest/api/token')
      return answer(headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined ? 400 : 200, 'token');
    // Version 1 is switched off.
    if (headers['x-aws-ec2-metadata-token'] !== 'token') return answer(401);
    if (url === '/latest/dynamic/instance-identity/document')
      return answer(200, JSON.stringify({ accountId: '111122223333', region: 'eu-west-1' }, null, 2));
    if (url === '/latest/meta-data/instance-id') return answer(200, 'i-0123456789abcdef0');
    const [, tag] = /^\/latest\/meta-data\/tags\/instance\/(.+)$/.exec(url) ?? [];
    const value = tag === undefined ? undefined : tags[tag];
    return value === undefined ? answer(404) : answer(200, value);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  afterwards(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
};

export interface Running {
  child: ChildProcess;
  url: string;
  ended: Promise<{ code: number | null; output: string; console: string }>;
  /** Every call of docker and aws, in order. */
  calls: () => string[];
  /** A file of its runtime directory. */
  inRun: (name: string) => string;
  /** What the registry was given. */
  password: () => string;
  says: (pattern: RegExp) => Promise<void>;
}

export const secret = password;

/** Starts cutover-run as its unit does, under `sh`. */
export const boot = async (instance: FakeInstance, settings: Record<string, string> = {}): Promise<Running> => {
  const at = mkdtempSync(join(tmpdir(), 'cutover-instance-'));
  mkdirSync(join(at, 'bin'));
  mkdirSync(join(at, 'run'));
  writeFileSync(join(at, 'console'), '');
  writeFileSync(join(at, 'program.cjs'), program);
  for (const [name, text] of Object.entries({ docker: docker(at, instance), aws: aws(at) })) {
    writeFileSync(join(at, 'bin', name), text);
    chmodSync(join(at, 'bin', name), 0o755);
  }
  const port = await freePort();
  const child = spawn('sh', [join(folder, 'cutover-run')], {
    env: {
      PATH: `${join(at, 'bin')}:${process.env.PATH}`,
      CUTOVER_METADATA: await metadata(instance),
      CUTOVER_CONSOLE: join(at, 'console'),
      CUTOVER_RUN: join(at, 'run'),
      CUTOVER_SETTINGS: join(at, 'app.env'),
      CUTOVER_PORT: String(port),
      CUTOVER_PAUSE: '0',
      CUTOVER_TRIES: '3',
      ...settings,
    },
  });
  let output = '';
  const heard = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  const reading = (name: string): string => (existsSync(join(at, name)) ? readFileSync(join(at, name), 'utf8') : '');
  const ended = new Promise<Awaited<Running['ended']>>((resolve) =>
    child.on('close', (code) => resolve({ code, output, console: reading('console') })),
  );
  afterwards(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(at, { recursive: true, force: true });
  });
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    ended,
    calls: () => reading('calls').trim().split('\n'),
    inRun: (name) => reading(join('run', name)),
    password: () => reading('password').trim(),
    says: async (pattern) => {
      while (!pattern.test(output)) {
        if (child.exitCode !== null) throw new Error(`it ended without ${pattern}:\n${output}`);
        await new Promise((later) => setTimeout(later, 10));
      }
    },
  };
};
