/** Every kind of event in a service's history: when it is recorded, its data, and an example. docs/reference/events.md is made from it. */

export interface EventKind {
  when: string;
  /** The fields of `data`, if there are any. */
  data: Readonly<Record<string, string>>;
  example: { by: string; text: string; data?: Readonly<Record<string, unknown>> };
}

const label = 'the name for people: a tag or a name';
const weights = 'percent of the traffic for each slot, as every rule has them now';
const path = {
  steps: 'the weights, and the bake of each in seconds',
  old: 'the old fleet: slot, release, kind (ours, foreign, none) and count of instances',
  new: 'the slot of the new fleet',
};
const pathExample = {
  steps: [
    { weight: 5, bake: 300 },
    { weight: 100, bake: 900 },
  ],
  old: { slot: 'blue', kind: 'ours', release: '7c0202f5f796', count: 4 },
  new: { slot: 'green' },
};

export const eventKinds = {
  published: {
    when: 'A release was accepted. It is rolled out now, or next.',
    data: { label, image: 'the image: reference, label and digest or id', asked: 'whether a person asked for it' },
    example: {
      by: 'publish',
      text: 'release-42 (3f2a9c0d1e4b) published by on-image',
      data: { label: 'release-42', image: { reference: 'acme/shop@sha256:3f2a…', label: 'release-42' }, asked: false },
    },
  },
  observed: {
    when: "A release was published in `mode: 'observe'`. Nothing was changed; the text has the plan, or why the release would be refused.",
    data: { label, ...path },
    example: {
      by: 'publish',
      text: 'would be rolled out, if shop did more than observe: …',
      data: { label: 'release-42', ...pathExample },
    },
  },
  adopted: {
    when: 'A running fleet was taken over as live.',
    data: { label, acts: 'what was changed in the account' },
    example: {
      by: 'adopt',
      text: 'ami-0c0ffee1 serves from blue: adopted as it is',
      data: { label: 'ami-0c0ffee1', acts: [] },
    },
  },
  released: {
    when: 'A service was given back. Its release is empty and its attempt 0.',
    data: {},
    example: { by: 'release', text: 'the rules lead to blue alone' },
  },
  superseded: {
    when: 'A release that waited was replaced by a newer one, or is older than what is live. It ends here.',
    data: { outcome: 'superseded' },
    example: { by: 'publish', text: 'superseded by 9a8b7c6d5e4f', data: { outcome: 'superseded' } },
  },
  refused: {
    when: 'A release is not rolled out. It ends here; the text says why.',
    data: { label, outcome: 'refused' },
    example: {
      by: 'on-image',
      text: 'older: release-41 (7c0202f5f796) is 2 hours older than release-42 (3f2a9c0d1e4b), which is live',
      data: { label: 'release-41', outcome: 'refused' },
    },
  },
  admitted: {
    when: 'A rollout began: its execution holds the service, with a plan.',
    data: {
      execution: 'the name of the execution',
      label,
      ...path,
      plan: 'the whole plan with the configuration that the rollout follows; in the ledger alone, not on EventBridge',
    },
    example: {
      by: 'Admit',
      text: 'release-42 is rolled out into green, with 5 %, 100 % of the traffic',
      data: { execution: 'shop-3f2a9c0d1e4b-1', label: 'release-42', ...pathExample },
    },
  },
  launched: {
    when: 'Instances were launched.',
    data: { slot: 'where', launched: 'how many', count: 'how many the slot needs' },
    example: { by: 'Provision', text: '4 launched in green, 4 needed', data: { slot: 'green', launched: 4, count: 4 } },
  },
  ready: {
    when: 'The new fleet is healthy, in every zone, for the next weight.',
    data: {},
    example: { by: 'CheckReady', text: '4 of 4 instances are healthy' },
  },
  tested: {
    when: 'All smoke probes passed.',
    data: {},
    example: { by: 'Smoke', text: '4 probes of 4 instances passed' },
  },
  waiting: {
    when: 'The rollout waits for a person to approve it. Users have not reached the new version yet.',
    data: {},
    example: {
      by: 'AwaitApproval',
      text: 'waits for approval until 2026-11-28 09:00:00 UTC; no user reaches the new version before that, and no answer puts everything back: cutover approve shop, or cutover reject shop',
    },
  },
  answered: {
    when: 'A person approved or rejected.',
    data: {},
    example: { by: 'anna', text: 'approved: checked by hand' },
  },
  shifted: {
    when: 'Every rule has the weights of a step.',
    data: { step: 'which step, from 1 on', of: 'how many there are', weight: 'percent for the new version', weights },
    example: {
      by: 'Shift',
      text: '5 % of the traffic to 3f2a9c0d1e4b',
      data: { step: 1, of: 4, weight: 5, weights: { blue: 95, green: 5 } },
    },
  },
  judged: {
    when: 'Judge decided at a weight, or decided differently than before.',
    data: {
      step: 'which step',
      verdict: '`pass`, `fail`, `continue` or `inconclusive`',
      action: '`advance`, `rollback`, `wait` or `pause`; at `pause` a person has to answer',
      requests: 'requests to the new version since its first weight',
      errors: 'how many of them failed',
    },
    example: {
      by: 'Judge',
      text: 'release-42 in green at 5 %: 0 of 1,335 requests failed (0 %), 2 healthy instances, at least 2 needed, baked for 5 minutes',
      data: { step: 1, verdict: 'pass', action: 'advance', requests: 1335, errors: 0 },
    },
  },
  aborted: {
    when: 'A rollback began, because of a failure, a verdict, an alarm or a person. Traffic has gone back, or goes back as the old fleet grows.',
    data: { weights, seconds: 'from the decision until every rule had its weights back' },
    example: {
      by: 'on-alarm',
      text: 'alarm shop-latency went off: Threshold Crossed',
      data: { weights: { blue: 100, green: 0 }, seconds: 0.8 },
    },
  },
  committed: {
    when: 'The new version has all traffic and the old fleet is about to be removed. From here a rollback needs a new rollout.',
    data: {},
    example: {
      by: 'Retire',
      text: '3f2a9c0d1e4b carries all traffic; removing the old fleet, so rollback now needs a new rollout',
    },
  },
  removed: {
    when: 'A fleet is gone: the old one after a success, the new one after a rollback.',
    data: { slot: 'which one is empty' },
    example: { by: 'Retire', text: 'blue is empty', data: { slot: 'blue' } },
  },
  evidence: {
    when: 'Before a failed fleet is removed: the last console output of an unhealthy instance.',
    data: { instance: "the instance's id" },
    example: {
      by: 'Discard',
      text: 'instance running\ntarget unhealthy, Target.ResponseCodeMismatch',
      data: { instance: 'i-0123456789abcdef0' },
    },
  },
  finished: {
    when: 'The rollout ended, with its record in the ledger.',
    data: { outcome: '`live`, `failed`, `superseded` or `refused`', reason: 'why', seconds: 'since it was admitted' },
    example: { by: 'finish', text: 'live', data: { outcome: 'live', reason: '', seconds: 1942 } },
  },
  recovered: {
    when: 'An execution was ended from outside, and another one continues the rollout.',
    data: {},
    example: { by: 'on-stopped', text: 'shop-3f2a9c0d1e4b-1 ended ABORTED in phase shifting: recover-shop-1 goes on' },
  },
  stuck: {
    when: 'Five recoveries did not bring the rollout to its end, so a person has to look at it. Traffic keeps its weights.',
    data: {},
    example: { by: 'reconcile', text: 'shop-3f2a9c0d1e4b-1 is given up after five recoveries' },
  },
  problem: {
    when: 'A problem was met, or corrected. The rollout continues by itself unless the text asks for something.',
    data: {
      slot: 'where instances could not be launched',
      launched: 'how many were launched nevertheless',
      count: 'how many the slot needs',
    },
    example: {
      by: 'Provision',
      text: 'no capacity for m7g.large in eu-west-1a',
      data: { slot: 'green', launched: 2, count: 4 },
    },
  },
} as const satisfies Record<string, EventKind>;

export type EventKindName = keyof typeof eventKinds;
