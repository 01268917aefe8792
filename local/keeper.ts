/**
 * A process beside the local cloud that ends its programs when it is gone, `kill -9` included: the system closes the pipe into this
 * process's standard input, and only then does that end. Arguments: the list of processes, the pid whose programs to end, and a folder to
 * remove then, or nothing.
 */
import { rmSync } from 'node:fs';
import { sweep } from './process-list.ts';

const [list = '', owner = '', temporary = ''] = process.argv.slice(2);
process.stdin.resume();
process.stdin.on('close', () => {
  sweep(list, Number(owner));
  if (temporary !== '') rmSync(temporary, { recursive: true, force: true });
});
