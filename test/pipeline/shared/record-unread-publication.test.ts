/** What names no image is told once, until something else is published. */
import { expect, it } from 'vitest';
import type { HistoryEvent } from '../../../core/release/history.ts';
import { recordUnread } from '../../../pipeline/shared/record-unread-publication.ts';
import { minute, start } from '../../core/build.ts';
import { createWorld } from '../build.ts';

const reason = `there is no image ${'x'.repeat(100)}`;
const told = (kind: HistoryEvent['kind'], text: string, at: number): HistoryEvent => ({
  id: `${kind}/${at}`,
  at,
  kind,
  text,
  release: '',
  attempt: 0,
  by: 'ada',
});

const opened = async (...before: HistoryEvent[]) => {
  const { ports } = await createWorld(null);
  const notices: string[] = [];
  ports.notify = async ({ kind, service, text }) => void notices.push(`${kind} ${service}: ${text}`);
  for (const event of before) await ports.ledger.append('checkout', event);
  await recordUnread(ports, 'checkout', 'on-image', reason);
  return { notices, history: await ports.ledger.history('checkout') };
};

it('it is refused in the history and told, without a release, by the beginning of its reason', async () => {
  const { notices, history } = await opened();
  expect(notices).toEqual([`refused checkout: ${reason}`]);
  expect(history).toEqual([
    {
      id: `-0/on-image/refused/${start + minute}`,
      at: start + minute,
      kind: 'refused',
      text: reason,
      release: '',
      attempt: 0,
      by: 'on-image',
      data: { label: reason.slice(0, 80), outcome: 'refused' },
    },
  ]);
});

it.each([
  ['the same reason is the last of its kind', [told('refused', reason, 1), told('finished', 'live', 2)], 0],
  ['another reason has been told since', [told('refused', reason, 1), told('refused', 'another', 2)], 1],
  ['something was published since', [told('refused', reason, 1), told('published', 'an image', 2)], 1],
  ['the same words were told of something else', [told('problem', reason, 1)], 1],
] as const)('it is told again unless it was told just before: %s', async (_, before, times) => {
  expect((await opened(...before)).notices).toHaveLength(times);
});
