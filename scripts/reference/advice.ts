/** Cause and remedy for reasons whose source gives none. The first matching pattern counts; a pattern without a match fails a test. */

export interface Advice {
  fits: RegExp;
  todo: string;
}

const nothing = 'Nothing is to be done.';
const lookAtImage =
  'The new version is at fault, by the evidence. See `cutover history shop --json`, mend it and publish a new image. If the margin is too narrow for your service, see `checks.comparison` and rehearse it with `cutover simulate shop`.';

export const advice: Advice[] = [
  // Publications.
  {
    fits: /^nobody's:/,
    todo: 'An image that no service wants. If it should be yours, compare its repository, tag, name or owner with `image` in the configuration, and run `cutover apply`.',
  },
  { fits: /^vanished:/, todo: 'The image was deleted from its registry, or its name is misspelt. Push it again.' },
  { fits: /names no release/, todo: 'Publish an image that has a sha256 digest, or an AMI.' },
  { fits: /^live already/, todo: `${nothing} To run its instances anew: \`cutover deploy shop <release>\`.` },
  {
    fits: /^older:/,
    todo: `${nothing} It is older than a release that is known already. To go back to it: \`cutover deploy shop <release>\`.`,
  },
  { fits: /^not yet:/, todo: 'It follows by itself. To have it first, abort the rollout that a person asked for.' },
  {
    fits: /a person may ask for it again/,
    todo: 'The reason of that attempt stands in the message. Mend the cause, then `cutover retry shop`; a new image starts by itself.',
  },
  {
    fits: /announce none|not a successful PUSH|not available|not AVAILABLE|names no image|not a Create or Update|no EventBridge event|event lacks|^not an image/,
    todo: `${nothing} The event does not announce an image that is ready.`,
  },
  // Before the first weight.
  {
    fits: /holds the rollout, which has no traffic yet|; to give up, run cutover abort/,
    todo: 'The rollout goes on by itself once the alarm is OK. If the alarm is about something else than this service, take it out of `checks.alarms`; to give up, `cutover abort shop`.',
  },
  { fits: /^an event says that EC2 takes … in … back/, todo: `${nothing} The instance keeps its traffic.` },
  // Rollouts that go back.
  { fits: /^rejected by/, todo: 'A person said no. Ask that person; `cutover history shop` has the reason.' },
  {
    fits: /^… has …, … % of the traffic needs/,
    todo: 'Instances of the new version became unhealthy under traffic. Read their logs; `cutover history shop --json` keeps the last lines of their consoles.',
  },
  {
    fits: /holds the rollout|to give up, run|went off before the first weight/,
    todo: 'An alarm is on before the first weight. Users are on the old version. Look at the metric of the alarm; the rollout goes on when it is OK again. `cutover abort shop` gives up.',
  },
  {
    fits: /^alarm … (is on since|went off)/,
    todo: 'Your own alarm rolled it back. Look at its metric. If it went off for another reason, mend that, then `cutover retry shop`.',
  },
  {
    fits: /(?<!that it )is worse than the old version|^… failed … at …, the old version|at most … is allowed/,
    todo: lookAtImage,
  },
  {
    fits: /instances ended by themselves|ended without being asked to/,
    todo: 'The program, the machine or the account ends instances. The message has the reason that EC2 gives; the consoles are in `cutover history shop --json`.',
  },
  {
    fits: /were allowed \(checks|^… of … instances are healthy after/,
    todo: 'The new fleet did not become healthy in time. Read the kept console lines, compare the health check with what the program answers, or raise `checks.readyWithin`.',
  },
  {
    fits: /has stalled|has been …$|were allowed$/,
    todo: 'The execution stalled. Cutover stops or aborts it by itself and goes on by a recovery.',
  },
  {
    fits: /is dying|…, … s after its bake/,
    todo: 'The new fleet stayed incomplete after its bake, so the rollout goes back. See the reason in the message: capacity, quota, or instances that die.',
  },
  {
    fits: /^nobody approved it/,
    todo: 'No answer means no. `cutover retry shop`, and approve it in time, or raise `approval.within`.',
  },
  {
    fits: /^smoke test failed|^… answered …, expected|^… did not answer within/,
    todo: 'A probe of `checks.smoke` failed. Send the same request to an instance of the new version; mend the version, or the probe.',
  },
  { fits: /no instance of it can be launched/, todo: 'The image was deleted while it was rolled out. Push it again.' },
  // Rollouts that pause.
  {
    fits: /^both versions fail/,
    todo: 'Both versions fail alike: a database, a zone or a client. Find that cause. The rollout keeps its weights and goes on when the incident is over.',
  },
  {
    fits: /^no traffic:/,
    todo: '`cutover approve shop` if you know why nobody asks, else `cutover reject shop`. For a service that is often idle, set `checks.decisions.noTraffic`.',
  },
  {
    fits: /^no metrics of|cannot be concluded|contradict each other|could not be read|Judge cannot read it/,
    todo: 'Look at the metrics yourself, then `cutover approve shop` or `cutover reject shop`. If it happens often: is the metric published, is the alarm there, does the query name the right slot? See `metrics` and `checks.alarms`.',
  },
  {
    fits: /has not been shown to be harmless/,
    todo: '`cutover approve shop` or `cutover reject shop`. `checks.decisions.notSeenWorse` says whether to ask; `cutover plan shop --traffic 800rpm` shows what the policy can see.',
  },
  {
    fits: /a person decides/,
    todo: 'The rollout keeps its weights until you answer: `cutover approve shop` or `cutover reject shop`.',
  },
  {
    fits: /^waits for approval|has waited for an answer|^the new instances are healthy and have passed/,
    todo: '`cutover approve shop` or `cutover reject shop`.',
  },
  // Rollouts that wait, or say how they stand.
  {
    fits: /^the new version gets only/,
    todo: 'Sessions may stick to the old version, or a rule is missing in `rules`. Nothing is decided by this.',
  },
  {
    fits: /live version in … is unhealthy/,
    todo: `${nothing} The fix is judged by absolute limits alone. Look after the live version.`,
  },
  {
    fits: /it is muted|not because of this rollout/,
    todo: 'The alarm was on before this rollout, and is muted until it has been off for a full period. Look after what it shows.',
  },
  {
    fits: /is not among the service's rules/,
    todo: 'Somebody else’s rule gives weight to a fleet that is to be removed. Take its weight away, or add the rule to `rules`. The removal waits; users are served.',
  },
  {
    fits: /the old fleet stays until/,
    todo: 'The new fleet lost instances after the commit; they are being replaced. If that does not work, the message says why: capacity or quota.',
  },
  {
    fits: /has no configuration/,
    todo: 'The service was taken out of the configuration while something was on its way. Put it back with `cutover apply`, or leave it.',
  },
  {
    fits: /is taken back by EC2|an event says that EC2 takes/,
    todo: `${nothing} A spot instance leaves; it is replaced.`,
  },
  {
    fits: /lacks … healthy instances/,
    todo: `${nothing} The old fleet is grown again. If launches fail, the next event says why.`,
  },
  {
    fits: /no evidence that it is worse|shown to be harmless|at least … needed|no requests were seen|instances are healthy…$|probes of … instances passed|is rolled out into …, with|the last rollout has just ended|are left in|draining|still give … a weight|carries all traffic|all traffic on|gives no room|gives room|grows to|of the traffic (?:on|to)|traffic goes back|not rolling back|healthy instances, … are|this attempt ended|^… is … by|nobody has asked for this|nothing is known of/,
    todo: `${nothing} It says how the rollout stands, and it goes on by itself.`,
  },
  {
    fits: /only observes|does? more than observe|did more than observe/,
    todo: "The service has `mode: 'observe'`. Take it out, and run `cutover apply`, for images to be rolled out.",
  },
  {
    fits: /would be refused/,
    todo: 'Correct what the message says, before you take `mode` out. `cutover doctor shop` checks it again.',
  },
  {
    fits: /another tool or person edits them/,
    todo: 'Another tool or person sets the weights of the same rules. Stop it; Terraform needs `ignore_changes`. The weights are set again every two minutes.',
  },
  { fits: /has no row to apply/, todo: 'Nothing was ever rolled out to the service. Publish an image.' },
  {
    fits: /execution was stopped or failed/,
    todo: 'Somebody stopped the execution, or it failed. Look at it in the Step Functions console; a recovery goes on by itself.',
  },
  {
    fits: /maxExtra allows/,
    todo: 'Demand has grown during the rollout. Raise `maxExtra`, or take smaller steps, for the next one.',
  },
  {
    fits: /yields to|launched in …|goes on in …|does not hold|run together|are replaced before it gives room/,
    todo: nothing,
  },
  {
    fits: /rule cannot be given its weights|rules can be edited/,
    todo: 'A rule was deleted or changed, or the pipeline may not edit it. `cutover doctor shop` names it. Mend it: the weights are tried again until they are set. Other rules have theirs.',
  },
  // Recoveries.
  {
    fits: /^stuck:/,
    todo: 'Find the cause in the last execution, in the Step Functions console, and remove it. Then `cutover retry shop`, or redrive that execution in the console.',
  },
  { fits: /goes on$|next recovery follows/, todo: nothing },
  // At rest.
  {
    fits: /are left alone/,
    todo: 'The rules were changed by hand, and the fleet that should have traffic has no healthy target. Decide which fleet is right; give it all the weight on every rule, or publish an image.',
  },
  {
    fits: /none is replaced/,
    todo: 'Most of the fleet is unhealthy, so the instances are hardly the cause. Look at the service and what it depends on. If the instances are broken, terminate them: they are replaced.',
  },
  {
    fits: /^nothing is launched for|was never admitted$/,
    todo: 'Somebody has edited the row: find out who, in the log of the table (CloudTrail). Put back what the admission has on record, the item `admitted#…` beside the row, or roll out a version again with `cutover deploy shop`. Running instances go on serving.',
  },
  { fits: /could not reconcile/, todo: 'The message has the failed call. It is tried again every two minutes.' },
  {
    fits: /replaced|corrected|is being replaced|at the next look|it is stopped|another decision about the service/,
    todo: nothing,
  },
  // AWS.
  { fits: /This passes/, todo: `${nothing} The call is tried again.` },
  {
    fits: /A retry does not help/,
    todo: 'See the code in the documentation of the call, and the rows above for the usual ones.',
  },
];

export const adviceFor = (text: string): string | null => advice.find(({ fits }) => fits.test(text))?.todo ?? null;
