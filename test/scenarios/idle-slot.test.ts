/** The idle slot is an empty target group, which Route 53 counts against the whole load balancer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Act, inverse } from '../../core/fleet/adoption.ts';
import { adoptionNotes } from '../../core/fleet/adoption-notes.ts';
import { liveStory } from '../build.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8');

it('at rest a rule names the empty target group of the idle slot, as README and first week say', async () => {
  const story = await liveStory();
  const idle = (await story.row()).live?.slot === 'blue' ? 'green' : 'blue';
  const [rule = ''] = story.service.rules;
  expect(JSON.stringify(story.cloud.world.rules.get(rule)?.actions)).toContain(story.service.slots[idle]);
  expect(story.targets(idle)).toEqual([]);
  for (const path of ['README.md', 'docs/first-week.md']) expect(read(path)).toContain('EvaluateTargetHealth');
});

it('adopting says so before a rule leads to a second target group, and not again afterwards', () => {
  const pair: Act = { kind: 'pair', rule: 'a rule', slot: 'blue' };
  expect(adoptionNotes([pair], 'blue')).toEqual([
    expect.stringMatching(/target group of green is empty.*EvaluateTargetHealth to false/s),
  ]);
  expect(adoptionNotes([{ kind: 'attach', group: 'shop-green', slot: 'green' }, inverse(pair)], 'blue')).toEqual([]);
});
