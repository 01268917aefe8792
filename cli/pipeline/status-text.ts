/** A service's status as lines for people. */
import { formatDuration } from '../../core/basics/duration.ts';
import { countOf, formatNumber, formatRate, formatTime } from '../../core/basics/format.ts';
import type { BakeView } from '../../pipeline/operations/bake-view.ts';
import type { StatusView, WaitView } from '../../pipeline/operations/status.ts';

export const statusLines = ({
  service,
  urls,
  live,
  ended,
  rollout,
  waiting,
  bake,
  stuck,
  next,
  weights,
}: StatusView): string[] => [
  `${service}${urls.length > 0 ? `, on ${urls.join(' and ')}` : ''}`,
  live === null
    ? `  live      nothing${ended === null ? ' yet' : `; ${ended}`}`
    : `  live      ${live.label} (${live.release}) in ${live.slot} since ${formatTime(live.since)}`,
  ...(rollout === null
    ? []
    : [
        `  rollout   ${rollout.label} (${rollout.release}), attempt ${rollout.attempt}` +
          (rollout.slot === null ? '' : `, into ${rollout.slot}`),
        `            ${phaseText(rollout, { live, bake })}`,
      ]),
  ...(waiting === null ? [] : waitingLines(waiting)),
  ...(bake === null ? [] : bakeLines(bake)),
  ...(rollout?.abort ? [`  aborted   ${rollout.abort}`] : []),
  ...(stuck === null ? [] : [`  ${stuck}`]),
  ...(next === null ? [] : [`  next      ${next.label} (${next.release})`]),
  ...(weights === null ? [] : [`  weights   blue ${weights.blue} %, green ${weights.green} %`]),
];

/** What a phase of the row is about, in words; any other phase is said as it is. */
const phaseText = (
  { phase, step, steps }: NonNullable<StatusView['rollout']>,
  { live, bake }: Pick<StatusView, 'live' | 'bake'>,
): string => {
  const at = `step ${step} of ${steps}`;
  switch (phase) {
    case 'starting':
      return 'about to begin';
    case 'preparing':
      return 'starts and checks the new instances; no user reaches them yet';
    case 'shifting':
      return `${at}: both versions serve and are compared`;
    case 'settling': {
      const then = live === null ? 'it is live' : 'the old instances are removed';
      const until = bake === null ? 'at the end of the bake' : `at ${formatTime(bake.until)}`;
      return `${at}: the new version serves all traffic; ${until}, ${then} if nothing is wrong`;
    }
    case 'committed':
      return 'the new version serves all traffic; the old instances are being removed';
    case 'going back':
      return 'traffic goes back to the old version, and the new instances are removed';
    default:
      return `${at}: ${phase}`;
  }
};

const waitWords = {
  approval: 'an approval',
  decision: 'a decision',
  incident: 'the end of an incident, or a decision',
  alarm: 'an alarm to be OK',
} as const;

/** What is waited for, since when and until when, what happens without an answer, and what to press. */
export const waitingLines = (waiting: WaitView): string[] => [
  `  waits     for ${waitWords[waiting.for]} since ${formatTime(waiting.since)}, ${waiting.until === null ? 'without a limit' : `until ${formatTime(waiting.until)}`}`,
  `            ${waiting.why}`,
  `            ${waiting.otherwise}`,
  ...(waiting.commands.approve === null ? [] : [`            go on:    ${waiting.commands.approve}`]),
  `            go back:  ${waiting.commands.reject}`,
];

const failed = ({ requests, errors }: BakeView['new']): string =>
  requests === 0
    ? 'no requests were seen'
    : `${countOf(errors, requests, 'request')} failed (${formatRate(errors / requests)})`;

/** Time, then figures. */
export const bakeLines = (bake: BakeView): string[] => [
  bake.left > 0
    ? `  bake      ${formatDuration(bake.left)} of ${formatDuration(bake.bake)} left at ${bake.weight} %, until ${formatTime(bake.until)}`
    : `  bake      over at ${bake.weight} %, after ${formatDuration(bake.bake)}`,
  ...(bake.unreadable === null
    ? [
        `            new version: ${failed(bake.new)}${bake.old === null ? '' : `; old version: ${failed(bake.old)}`}`,
        ...evidenceLine(bake),
      ]
    : [`            its metrics cannot be read: ${bake.unreadable}`]),
];

const evidenceLine = ({ evidence, needed }: BakeView): string[] =>
  evidence === null || needed === null
    ? []
    : [
        `            evidence that it is worse: ${evidence > 1e6 ? 'over a million' : formatNumber(evidence)} to 1; ${formatNumber(needed)} to 1 rolls it back`,
      ];

/** One line that says where a rollout stands. */
export const standing = (view: StatusView): string => {
  const { rollout, waiting, bake } = view;
  if (rollout === null) return '';
  if (waiting !== null)
    return `${rollout.label}: waits for ${waitWords[waiting.for]}: ${waiting.commands.approve ?? waiting.commands.reject}`;
  if (bake !== null && bake.left > 0)
    return `${rollout.label}: ${bake.weight} %, ${formatDuration(bake.left)} of ${formatDuration(bake.bake)} left; ${failed(bake.new)}`;
  return `${rollout.label}: ${phaseText(rollout, view)}`;
};

/** The commands with the stage that they are for. */
export const onStage = (view: StatusView, stage: string | undefined): StatusView => {
  if (view.waiting === null || stage === undefined) return view;
  const { approve, reject } = view.waiting.commands;
  const commands = {
    approve: approve === null ? null : `${approve} --stage ${stage}`,
    reject: `${reject} --stage ${stage}`,
  };
  return { ...view, waiting: { ...view.waiting, commands } };
};
