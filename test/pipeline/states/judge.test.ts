/** Judge: what it looks at, what is bad luck and what a verdict, and what follows from each. */
import { describe, expect, it } from 'vitest';
import { Transient, Unreadable } from '../../../core/basics/errors.ts';
import type { InstanceView } from '../../../pipeline/ports/fleet.ts';
import type { SlotCounts } from '../../../pipeline/ports/metrics.ts';
import { judge } from '../../../pipeline/states/judge.ts';
import { minute, plan, publication, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const period = (at: number, change: Partial<SlotCounts> = {}): SlotCounts => ({
  at,
  requests: 1000,
  errors: 0,
  connectionErrors: 0,
  ...change,
});
const minutes = (from: number, to: number, change: Partial<SlotCounts> = {}): SlotCounts[] =>
  Array.from({ length: to - from }, (_, index) => period(start + (from + index) * minute, change));

const last = plan().steps.length;
const shifting = { phase: 'shifting' as const, step: 2 };
const over = {
  phase: 'settling' as const,
  step: last,
  wanted: { weights: { blue: 0, green: 100 }, seq: 6, since: start },
};

const opened = async (change: Parameters<typeof held>[0] = shifting) => {
  const wanted = { weights: { blue: 75, green: 25 }, seq: 4, since: start };
  const row = held({ wanted, ...change });
  const story = await createWorld(row);
  story.world.rules = { https: row.wanted.weights, http: row.wanted.weights };
  story.world.now = start + 4 * minute;
  story.world.series = { blue: minutes(0, 4), green: minutes(0, 4) };
  const asked: [string, number][] = [];
  story.ports.fleet.ensure = async (_, slot, count) => {
    asked.push([slot, count]);
    return { launched: 1, short: null };
  };
  return { ...story, asked, events: () => story.ports.ledger.history('checkout') };
};

const gone = (count: number, change: Partial<InstanceView> = {}): InstanceView[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `i-gone-${index}`,
    zone: 'a',
    state: 'gone',
    reason: 'exit code 1',
    release: publication('b').release,
    launchedAt: start,
    ...change,
  }));
type Story = Awaited<ReturnType<typeof opened>>;
const lose = ({ ports }: Story, instances: InstanceView[]): void => {
  const { observe } = ports.fleet;
  ports.fleet.observe = async (one, slot) => {
    const view = await observe(one, slot);
    return slot === 'green' ? { ...view, instances: [...view.instances, ...instances] } : view;
  };
};

describe('the figures', () => {
  it('are asked for from three hours before the rollout until now, without times at 100 %', async () => {
    const { ports } = await opened();
    const asked: unknown[][] = [];
    ports.metrics.series = async (...args) => {
      asked.push(args.slice(1));
      return { blue: [], green: [] };
    };
    await judge(ports)(rollout());
    expect(asked[0]?.slice(0, 2)).toEqual([start - 3 * 60 * minute, start + 4 * minute]);
    const full = await opened(over);
    full.ports.metrics.series = async (...args) => {
      asked.push(args.slice(1));
      return { blue: [], green: [] };
    };
    await judge(full.ports)(rollout());
    expect(asked[1]?.[2]).toEqual({ blue: [], green: [] });
  });

  it('from before the rollout are held against nobody', async () => {
    const { world, ports } = await opened();
    world.series.green = [...minutes(-60, 0, { errors: 900 }), ...minutes(0, 4)];
    expect((await judge(ports)(rollout())).next).not.toBe('RollBack');
    world.series.green = minutes(0, 4, { errors: 900 });
    expect((await judge(ports)(rollout())).next).toBe('RollBack');
  });

  it('that cannot be read hold nothing up, and a failure that passes is tried again', async () => {
    const { ports } = await opened();
    ports.metrics.series = () => Promise.reject(new Unreadable('Prometheus is gone'));
    expect((await judge(ports)(rollout())).next).toBe('Bake');
    ports.metrics.series = () => Promise.reject(new Transient('throttled'));
    await expect(judge(ports)(rollout())).rejects.toBeInstanceOf(Transient);
  });
});

describe('instances that end by themselves', () => {
  it('take the release back where they are as many as it needs, and three at least', async () => {
    const story = await opened();
    lose(story, gone(4));
    const why = '4 of its instances ended by themselves: exit code 1';
    expect(await judge(story.ports)(rollout())).toMatchObject({ next: 'RollBack', why });
    expect(await story.events()).toMatchObject([{ kind: 'judged', text: why }]);
  });

  it('are replaced where they are fewer, or another rollout’s', async () => {
    const two = await opened();
    lose(two, gone(3));
    expect((await judge(two.ports)(rollout())).next).toBe('Bake');
    const older = await opened();
    lose(older, gone(4, { launchedAt: start - minute }));
    expect((await judge(older.ports)(rollout())).next).toBe('Bake');
  });

  it('of a fleet of one are bad luck until they are three', async () => {
    const { fleet } = service();
    const small = plan({ old: { ...plan().old, count: 1 } }, service({ fleet: { ...fleet, count: 1 } as never }));
    for (const [ended, next] of [
      [2, 'Bake'],
      [3, 'RollBack'],
    ] as const) {
      const story = await opened({ ...shifting, plan: small });
      story.world.healthy = { blue: 1, green: 1 };
      lose(story, gone(ended));
      expect((await judge(story.ports)(rollout())).next, `${ended} ended`).toBe(next);
    }
  });

  it('excuse connection errors where they are one in four, and not where they are more', async () => {
    const bad = { requests: 1000, connectionErrors: 600 };
    const one = await opened(over);
    one.world.series.green = minutes(0, 4, bad);
    lose(one, gone(1));
    expect((await judge(one.ports)(rollout())).next).toBe('Bake');
    const two = await opened(over);
    two.world.series.green = minutes(0, 4, bad);
    lose(two, gone(2));
    expect((await judge(two.ports)(rollout())).next).toBe('RollBack');
    const none = await opened(over);
    none.world.series.green = minutes(0, 4, bad);
    expect((await judge(none.ports)(rollout())).next).toBe('RollBack');
  });
});

describe('while it waits', () => {
  it('both fleets get back what they have lost', async () => {
    const { world, ports, asked } = await opened({ phase: 'shifting', step: 3 });
    world.healthy = { blue: 3, green: 1 };
    ports.traffic.health = async (_, slot) =>
      Array.from({ length: 3 }, (__, index) => ({
        id: `i-${slot}-${index}`,
        state: 'healthy',
        reason: null,
        port: 80,
      }));
    expect((await judge(ports)(rollout())).next).toBe('Bake');
    expect(asked.map(([slot]) => slot)).toContain('blue');
  });

  it('corrects rules that somebody has edited before it judges by them', async () => {
    const { world, ports } = await opened();
    world.rules.http = { blue: 0, green: 100 };
    await judge(ports)(rollout());
    expect(world.rules.http).toEqual({ blue: 75, green: 25 });
  });

  it('follows an abort without looking at anything', async () => {
    const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };
    const { ports } = await opened({ phase: 'rollingBack', step: 2, abort, wanted: held().wanted });
    ports.metrics.series = () => Promise.reject(new Error('asked'));
    expect(await judge(ports)(rollout())).toMatchObject({ next: 'RollBack', why: 'an alarm' });
  });
});

describe('after the last bake', () => {
  const long = start + 24 * 60 * minute;
  const ready = async (healthy: number, at = long) => {
    const story = await opened({ ...over, plan: plan({}, service()) });
    story.world.now = at;
    story.world.healthy.green = healthy;
    story.world.series = { blue: minutes(0, 24 * 60), green: minutes(0, 24 * 60) };
    return story;
  };

  it('a whole fleet goes on to Retire', async () => {
    const { ports } = await ready(4);
    expect((await judge(ports)(rollout())).next).toBe('Retire');
  });

  it('a fleet that is not whole is filled up, and goes back once its time is over', async () => {
    const { bake } = plan().steps.at(-1) ?? { bake: 0 };
    const within = service().checks.readyWithin;
    const soon = await ready(3, start + (bake + within) * 1000);
    soon.world.series = { blue: minutes(0, 60), green: minutes(0, 60) };
    const first = await judge(soon.ports)(rollout());
    expect(first.why).toContain('3 of 4 instances are healthy');
    expect(first.next).toBe('Bake');
    expect(soon.asked).toContainEqual(['green', 4]);
    const late = await ready(3);
    expect(await judge(late.ports)(rollout())).toMatchObject({
      next: 'RollBack',
      why: expect.stringMatching(/^3 of 4 instances are healthy, \d+ s after its bake$/),
    });
  });
});

describe('the figures of what Judge saw', () => {
  const of = { release: publication('b').release, attempt: 1 };

  it('are kept once, minute by minute, and the execution knows how far', async () => {
    const story = await opened();
    const first = await judge(story.ports)(rollout());
    expect(first.rollout.progress.figures).toBe(start + 3 * minute);
    const kept = await story.ports.ledger.figures('checkout', of);
    expect(kept.map(({ at }) => at)).toEqual([0, 1, 2, 3].map((index) => start + index * minute));
    const written: number[] = [];
    const { keepFigures } = story.ports.ledger;
    story.ports.ledger.keepFigures = async (service, attempt, figures) => {
      written.push(...figures.map(({ at }) => at));
      return keepFigures(service, attempt, figures);
    };
    story.world.series = { blue: minutes(0, 6), green: minutes(0, 5) };
    const second = await judge(story.ports)(first.rollout);
    expect(written).toEqual([start + 4 * minute, start + 5 * minute]);
    expect((await judge(story.ports)(second.rollout)).rollout.progress.figures).toBe(start + 5 * minute);
    expect(written).toHaveLength(2);
  });

  it('decide nothing: a failed write changes no answer, and is made up for at the next look', async () => {
    const [story, other] = [await opened(), await opened()];
    const { keepFigures } = story.ports.ledger;
    story.ports.ledger.keepFigures = async () => {
      throw new Transient('DynamoDB throttles writes to ledger');
    };
    const result = await judge(story.ports)(rollout());
    const { figures, ...progress } = (await judge(other.ports)(rollout())).rollout.progress;
    expect(figures).toBe(start + 3 * minute);
    expect(result.rollout.progress).toEqual(progress);
    story.ports.ledger.keepFigures = keepFigures;
    expect((await judge(story.ports)(result.rollout)).rollout.progress.figures).toBe(start + 3 * minute);
    expect(await story.ports.ledger.figures('checkout', of)).toHaveLength(4);
  });

  it('are those of the last hundred periods where an execution has begun late', async () => {
    const story = await opened();
    story.world.series = { blue: minutes(0, 150), green: minutes(0, 150) };
    await judge(story.ports)(rollout());
    const kept = await story.ports.ledger.figures('checkout', of);
    expect([kept.length, kept[0]?.at]).toEqual([100, start + 50 * minute]);
  });
});
