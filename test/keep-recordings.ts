/** In each file of stories: the functions' ports are listened to, and what they have sent is kept for test/infra. */
import { basename } from 'node:path';
import { afterAll, expect, vi } from 'vitest';
import { kind } from './build.ts';
import { keep } from './recorded.ts';
import { keepRequests } from './requests.ts';

vi.mock('../functions/ports.ts', async (original) => {
  const { listened } = await import('./recorded.ts');
  const { everyPort, ...makers } = await original<Record<string, never>>();
  return {
    everyPort,
    ...Object.fromEntries(Object.entries(makers).map(([port, make]) => [port, listened(port, make)])),
  };
});

afterAll(() => {
  const file = `${kind}-${basename(expect.getState().testPath ?? 'unknown', '.test.ts')}`;
  keep(file);
  keepRequests(file);
});
