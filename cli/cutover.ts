#!/usr/bin/env node
// The command `cutover`: makes sure of a Node that can run the rest (node:sqlite, type stripping, module hooks), then hands over to main.ts.
// Nothing is imported here that a Node 20 lacks.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findNode, isNewEnough } from './node-version.ts';

if (isNewEnough(process.versions.node)) {
  const { main } = await import('./main.ts');
  process.exit(await main(process.argv.slice(2)));
} else {
  const node = findNode((line) => process.stderr.write(`${line}\n`));
  if (node === null) {
    process.stderr.write(
      `cutover: needs Node 22.18 or newer, this is ${process.version}, and npm could not fetch one: install Node 24, or: npm install --save-dev node@24\n`,
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // This process waits for the child to end cleanly. Ctrl-C reaches both: as SIGTERM the child takes it for the same one, not for a second.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`cutover: cannot run ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
