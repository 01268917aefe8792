/** A function in a fresh Node process: how long its file takes to be imported and made ready, whole or bundled. */
import { spawn } from 'node:child_process';

/** What Lambda would set; no call leaves this machine. */
export const environment = (endpoint = 'http://127.0.0.1:9') => ({
  PATH: process.env.PATH ?? '',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_ENDPOINT_URL: endpoint,
  CUTOVER_TABLE: 'cutover-ledger',
  CUTOVER_MACHINE: 'arn:aws:states:eu-west-1:111122223333:stateMachine:rollout',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
});

/** Runs a module's text with Node and answers what it printed. */
export const printed = async (code: string, env: Record<string, string>): Promise<string> => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { env });
  let [out, failed] = ['', ''];
  child.stdout.on('data', (part) => (out += part));
  child.stderr.on('data', (part) => (failed += part));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`a function could not be started: ${failed}`);
  return out;
};

/**
 * Milliseconds until the handler stands: its file imported, its clients, ports and stack made. The event is none that it knows, and the
 * process ends before anything could come of it.
 */
export const coldStart = async (file: string): Promise<number> =>
  Number(
    await printed(
      `const began = performance.now();
       const { handler } = await import(${JSON.stringify(file)});
       handler({}, {}).catch(() => undefined);
       console.log(performance.now() - began);
       process.exit(0);`,
      environment(),
    ),
  );

export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
