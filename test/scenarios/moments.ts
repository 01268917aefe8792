/** Where a rollout of v2 is when something happens to it: how a story gets there, and what makes it go on from there. */
import type { Row } from '../../core/protocol/row.ts';
import type { Story } from '../build.ts';
import { reach, until } from './at-rest.ts';

/** What every service of these stories watches. */
export const alarm = 'shop-5xx';

interface Moment {
  reach: (story: Story) => Promise<Row>;
  /** What stood in its way is gone, or a person answers. */
  goOn?: (story: Story) => unknown;
}

const pushed = (story: Story, phase: Row['phase']): Promise<Row> => {
  story.push('v2');
  return reach(story, phase);
};

/** Until the rollout has said so. */
export const said = async (story: Story, kind: string, action?: string): Promise<Row> => {
  for (let looks = 0; looks < 360; looks++) {
    await story.after(10);
    if ((await story.events()).some((event) => event.kind === kind && event.data?.action === action))
      return story.row();
  }
  throw new Error(`nothing was ${kind} within an hour`);
};

/** No execution is started any more. */
const startNothing = ({ cloud }: Story): void =>
  cloud.intercept((_service, command, _input, next) => {
    if (command === 'StartExecution')
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client' });
    return next();
  });

/** The alarm is there again, and a person lets it go on. */
export const goOnFromPause = async (story: Story): Promise<void> => {
  story.cloud.setAlarm(alarm, 'OK', 'it is there again');
  await story.during(story.answer('approve'));
};

const all = {
  'at rest': {
    reach: async (story) => {
      // Until then, what a rollout restores is set again where somebody changes it.
      await story.after(600);
      return story.row();
    },
  },
  reserved: {
    reach: (story) => {
      startNothing(story);
      story.push('v2');
      return until(story, 'reserved', ({ lock }) => lock.state === 'reserved');
    },
    goOn: ({ cloud }) => cloud.intercept(undefined),
  },
  preparing: {
    reach: async (story) => {
      await pushed(story, 'preparing');
      // Launched, registered, and not ready yet.
      await story.after(70);
      return story.row();
    },
  },
  'waiting for approval': {
    reach: async (story) => {
      const { ledger, service, time } = story;
      const asking = { ...service, approval: { within: 2 * 3600 } };
      await ledger.applyConfiguration([asking], { author: 'ada', commit: 'approval', at: time.now() });
      story.push('v2');
      return said(story, 'waiting');
    },
    goOn: (story) => story.during(story.answer('approve')),
  },
  'at a weight': { reach: (story) => pushed(story, 'shifting') },
  paused: {
    reach: async (story) => {
      await pushed(story, 'shifting');
      story.cloud.world.alarms.delete(alarm);
      return said(story, 'judged', 'pause');
    },
    goOn: goOnFromPause,
  },
  'settling at 100 %': { reach: (story) => pushed(story, 'settling') },
  retiring: { reach: (story) => pushed(story, 'committed') },
  'rolling back': {
    reach: async (story) => {
      await pushed(story, 'shifting');
      await story.during(story.abort('it looks wrong'));
      return story.row();
    },
  },
} satisfies Record<string, Moment>;

export type MomentName = keyof typeof all;
export const moments: Record<MomentName, Moment> = all;
export const momentNames = Object.keys(all) as MomentName[];
