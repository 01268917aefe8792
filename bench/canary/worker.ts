/** One core's part of the cells. */
import { parentPort } from 'node:worker_threads';
import { done, type Job } from './cells.ts';

parentPort?.on('message', (job: Job) => parentPort?.postMessage(done(job)));
