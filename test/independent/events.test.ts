/** Every shape of event that AWS documents for what the pipeline listens to, and its neighbours: which pattern takes it, and what is read from it. */
import { describe, expect, test } from 'vitest';
import { announcementOf } from '../../core/release/image-events.ts';
import { matches, type Pattern } from '../../local/events.ts';
import { alarmEvent } from '../../pipeline/triggers/on-alarm.ts';
import { interruptionEvent } from '../../pipeline/triggers/on-interruption.ts';
import { stoppedEvent } from '../../pipeline/triggers/on-stopped.ts';
import { bind } from '../../statemachines/bind.ts';
import { triggers } from '../build.ts';
import samples from './samples.json' with { type: 'json' };

const machine = 'arn:aws:states:eu-west-1:123456789012:stateMachine:cutover-rollout';
const patterns = bind(triggers as unknown as { name: string; function: string; pattern?: Pattern }[], {
  machine,
  account: '123456789012',
});

/** What a function knows after it has read an event, in one word. */
const readers: Record<string, (event: unknown) => unknown> = {
  'on-image': announcementOf,
  'on-alarm': (event) => alarmEvent.parse(event).detail.alarmName,
  'on-interruption': (event) => interruptionEvent.parse(event).detail['instance-id'],
  'on-stopped': (event) => stoppedEvent.parse(event).detail.name,
};

describe('sample events', () => {
  test.each(samples.map((sample) => [sample.what, sample] as const))('%s', (_, { event, trigger, reads }) => {
    const taken = patterns.filter(({ pattern }) => pattern !== undefined && matches(pattern, event as never));
    expect(taken.map(({ name }) => name)).toEqual(trigger === null ? [] : [trigger]);
    for (const { function: name } of taken) expect(readers[name]?.(event)).toEqual(reads);
  });

  test('every sample names the page it was taken from, and every trigger has one', () => {
    for (const { page } of samples) expect(page).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    const withPattern = patterns.filter(({ pattern }) => pattern !== undefined).map(({ name }) => name);
    expect([...new Set(samples.map(({ trigger }) => trigger))].filter((name) => name !== null).sort()).toEqual(
      withPattern.sort(),
    );
  });
});
