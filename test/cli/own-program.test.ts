/** A first program of one's own that does not come up: the cause stands wherever the rollout is looked at. */
import { expect, test } from 'vitest';
import { localCloud } from './in-process.ts';

const image = '{ "start": ["node", "server.mjs"] }';
const files = {
  'crashing/image.json': image,
  'crashing/server.mjs': "console.log('connecting'); console.error('no database'); process.exitCode = 3;",
  'deaf/image.json': image,
  'deaf/server.mjs': "console.log('I use another port'); setInterval(() => {}, 1000);",
  'lost/image.json': image,
  'lost/server.mjs': `import { createServer } from 'node:http';
    createServer((_, response) => response.writeHead(404).end()).listen(Number(process.env.PORT), '127.0.0.1');`,
};

test('exit code, last lines, port, path and time limit are in wait, history and --json', {
  timeout: 240_000,
}, async () => {
  const change = { checks: { smoke: [{ path: '/ready' }], readyWithin: '8 seconds' } };
  const { publish, run } = await localCloud(files, { change });
  const fails = async (folder: string): Promise<string> => {
    await publish(folder);
    const { code, output } = await run('wait', 'shop', '--image', `release-${folder}`, '--timeout', '2 minutes');
    expect(code).toBe(1);
    return output;
  };
  const crashed = await fails('crashing');
  expect(crashed).toContain('exited with code 3');
  expect(crashed).toContain('  | no database');
  const deaf = await fails('deaf');
  expect(deaf).toContain('nothing listens on the port that the variable PORT names to the program');
  expect(deaf).toContain('8 s were allowed (checks.readyWithin)');
  expect(deaf).toContain('  | I use another port');
  expect(await fails('lost')).toContain('GET /ready was answered with 404; `checks.smoke` names the path, or --health');

  const { output } = await run('history', 'shop');
  expect(output).toContain('release-crashing, attempt 1:   | no database');
  const all: { label: string; evidence: { said: string }[] }[] = JSON.parse(
    (await run('history', 'shop', '--json')).output,
  );
  const said = all.find(({ label }) => label === 'release-crashing')?.evidence.map((one) => one.said) ?? [];
  expect(said.join('\n')).toContain('exited with code 3');
});
