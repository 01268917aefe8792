/** What reasons about publications, rollouts, rest and AWS mean, and what to do. */
import type { Advice } from './advice-type.ts';

const nothing = 'Nothing is to be done.';
/** Of a line that says how a rollout stands. */
const underWay = `${nothing} The line says how the rollout stands; it goes on by itself.`;
const lookAtImage =
  'The figures show that the new version is worse; all traffic goes back to the old one. `cutover history shop --json` has the figures of each minute. Mend the version and publish a new image. If the allowed margin is too narrow for your service, change `checks.comparison`, and rehearse the change with `cutover simulate shop`.';

export const rolloutAdvice: Advice[] = [
  // Publications.
  {
    fits: /^nobody's:/,
    todo: "No service takes this image. If one of yours should, compare the image's repository, tag, name or owner with `image` in the configuration, correct it, and run `cutover apply`.",
  },
  { fits: /^vanished:/, todo: 'The image was deleted from its registry, or its name is misspelt. Push it again.' },
  {
    fits: /names no release/,
    todo: 'An image is rolled out by its digest or by the id of an AMI, and this one has neither. Publish one that has.',
  },
  {
    fits: /^live already/,
    todo: `${nothing} This image has all the traffic already. To replace its instances by new ones, run \`cutover deploy shop <release>\`.`,
  },
  {
    fits: /^older:/,
    todo: `${nothing} A newer image is live or on its way. To go back to this one, run \`cutover deploy shop <release>\`.`,
  },
  {
    fits: /^not yet:/,
    todo: 'A person asked for another version, which comes first; this image follows by itself. To have this one first, run `cutover abort shop`.',
  },
  {
    fits: /a person may ask for it again/,
    todo: 'This image failed or was refused before, and the message has the reason. Cutover does not try it again by itself. Mend the cause and run `cutover retry shop`, or publish a new image.',
  },
  {
    fits: /announce none|not a successful PUSH|not available|not AVAILABLE|names no image|not a Create or Update|no EventBridge event|event lacks|^not an image/,
    todo: `${nothing} The event does not announce an image that is ready.`,
  },
  // Before the first weight.
  {
    fits: /holds the rollout, which has no traffic yet|; to give up, run cutover abort/,
    todo: 'One of your alarms is on, so the new version gets no traffic yet. The rollout goes on by itself once the alarm is OK. If the alarm does not concern this service, take it out of `checks.alarms`. To give up, run `cutover abort shop`.',
  },
  { fits: /^an event says that EC2 takes back … in …/, todo: `${nothing} The instance keeps its traffic.` },
  // Rollouts that go back.
  {
    fits: /^rejected by/,
    todo: 'A person has rejected the version, so all traffic goes back to the old one. `cutover history shop` has the name and the reason.',
  },
  {
    fits: /^… has …, … % of the traffic needs/,
    todo: 'Instances of the new version became unhealthy under traffic. Read their logs; `cutover history shop --json` keeps the last lines of their consoles. Mend the cause and publish a new image.',
  },
  {
    fits: /holds the rollout|to give up, run|went off before the first weight/,
    todo: 'One of your alarms went off before the new version got any traffic. Look at the metric of the alarm. The rollout goes on once the alarm is OK. To give up, run `cutover abort shop`.',
  },
  {
    fits: /^alarm … (is on since|went off)/,
    todo: 'One of your alarms went off during the rollout, so all traffic goes back to the old version. Look at the metric of the alarm. If something other than the new version caused it, mend that, then run `cutover retry shop`.',
  },
  {
    fits: /(?<!that it )is worse than the old version|^… failed … at …, the old version|at most … is allowed/,
    todo: lookAtImage,
  },
  {
    fits: /instances ended by themselves|ended without being asked to/,
    todo: 'Instances of the new version stop without a request from Cutover: the program, the machine or the account ends them. The message has the reason that EC2 gives, and `cutover history shop --json` the last lines of their consoles. Mend the cause, then run `cutover retry shop`.',
  },
  {
    fits: /were allowed \(checks|^… of … instances are healthy after/,
    todo: 'The new instances did not become healthy in time. Read the last lines of their consoles in `cutover history shop --json`, and compare the health check with what the program answers. If the program only needs longer to start, raise `checks.readyWithin`.',
  },
  {
    fits: /has stalled|has been …$|were allowed$/,
    todo: `${nothing} The execution has made no progress for longer than its phase may take. Cutover aborts or stops it, and a recovery goes on.`,
  },
  {
    fits: /is dying|…, … s after its bake/,
    todo: 'After the bake the new fleet was still not complete, so the rollout goes back. The message has the reason, such as missing capacity, a quota, or instances that stop. Mend the cause, then run `cutover retry shop`.',
  },
  {
    fits: /^nobody approved it/,
    todo: 'Nobody answered in time, and no answer means no. Run `cutover retry shop` and approve it in time, or raise `approval.within`.',
  },
  {
    fits: /^smoke test failed|^… answered …, expected|^… did not answer within/,
    todo: 'A request of `checks.smoke` to a new instance did not get the expected answer. No user reached the version. Send the same request to an instance of that version, and mend the version or the request.',
  },
  {
    fits: /no instance of it can be launched/,
    todo: 'The image was deleted while it was being rolled out. Push it again.',
  },
  // Rollouts that pause.
  {
    fits: /^both versions fail/,
    todo: 'Something that both versions need is failing, such as a database, a zone or a client. Find and mend it. The rollout keeps its weights and goes on when the incident is over.',
  },
  {
    fits: /^no traffic:/,
    todo: 'Nobody has used the new version, so nothing is known about it. Run `cutover approve shop` if you know why there are no requests, else `cutover reject shop`. For a service that is often idle, set `checks.decisions.noTraffic`.',
  },
  {
    fits: /^no metrics of|cannot be concluded|contradict each other|could not be read|Judge cannot read it/,
    todo: 'Cutover has no figures that it can trust, so a person decides. Look at the metrics yourself, then run `cutover approve shop` or `cutover reject shop`. If this happens often, check that the metric is published, that the alarm exists and that the query names the right slot (`metrics`, `checks.alarms`).',
  },
  {
    fits: /has not been shown to be harmless/,
    todo: 'There were too few requests to show that the version is harmless. Run `cutover approve shop` or `cutover reject shop`. `checks.decisions.notSeenWorse` sets whether Cutover asks; `cutover plan shop --traffic 800rpm` shows how large a fault each weight can detect.',
  },
  {
    fits: /a person decides/,
    todo: 'The message says what was found. The rollout keeps its weights until you answer with `cutover approve shop` or `cutover reject shop`.',
  },
  {
    fits: /^waits for approval|has waited for an answer|^the new instances are healthy and have passed/,
    todo: 'The rollout waits for a person; users keep the versions that they have. Answer with `cutover approve shop` or `cutover reject shop`.',
  },
  // Rollouts that wait, or say how they stand.
  {
    fits: /^the new version gets only/,
    todo: 'The rollout goes on: this decides nothing. If every rule of the service is in `rules`, sessions that stick to the old version are the usual cause. Else add the missing rule.',
  },
  {
    fits: /live version in … is unhealthy/,
    todo: 'The rollout goes on, because the new version may be the fix. It is judged by the absolute limits alone. Look after the live version.',
  },
  {
    fits: /it is muted|not because of this rollout/,
    todo: 'The alarm was on before this rollout, so it stops nothing until it has been off for a full period. Look after what it shows.',
  },
  {
    fits: /is not among the service's rules/,
    todo: 'A rule outside the configuration sends requests to a fleet that is to be removed. The removal waits, and users are served. Take the weight of that rule away, or add the rule to `rules`.',
  },
  {
    fits: /the old fleet stays until/,
    todo: 'The new fleet lost instances after the commit. They are being replaced, and the old fleet stays until then. If launches fail, the message says why; mend that.',
  },
  {
    fits: /has no configuration|is no configured service/,
    todo: 'The service was taken out of the configuration while a version was on its way. If it should go on, put the service back and run `cutover apply`; else nothing is to be done.',
  },
  {
    fits: /is taken back by EC2|an event says that EC2 takes/,
    todo: `${nothing} EC2 takes a spot instance back. Another one replaces it.`,
  },
  {
    fits: /lacks … healthy instances/,
    todo: `${nothing} The old fleet is grown again. If launches fail, the next event says why.`,
  },
  {
    fits: /no evidence that it is worse|shown to be harmless|at least … needed|no requests were seen|instances are healthy…$|probes of … instances passed|is rolled out into …, with|the last rollout has just ended|are left in|draining|still give … a weight|carries all traffic|all traffic on|to make room for|makes room for|grows to|of the traffic (?:on|to)|traffic goes back|not rolling back|healthy instances, … are|this attempt ended|^… is … by|nobody has asked for this|nothing is known of/,
    todo: underWay,
  },
  {
    fits: /only observes|does? more than observe|did more than observe/,
    todo: "The service has `mode: 'observe'`, so images are planned and not rolled out. To roll them out, remove `mode` and run `cutover apply`.",
  },
  {
    fits: /would be refused/,
    todo: 'The service only observes, so nothing was tried. Mend what the message names before you remove `mode`; `cutover doctor shop` checks it again.',
  },
  {
    fits: /another tool or person edits them/,
    todo: 'Another tool or person keeps changing the weights of these rules. Stop that; Terraform needs `ignore_changes`. Cutover sets the weights again every two minutes.',
  },
  {
    fits: /has no row to apply/,
    todo: 'Nothing was ever rolled out to the service, so there are no weights to set. Publish an image.',
  },
  {
    fits: /execution was stopped or failed/,
    todo: 'Somebody stopped the execution, or it failed. A recovery goes on by itself. The Step Functions console shows who or what ended the execution.',
  },
  {
    fits: /maxExtra allows/,
    todo: 'Demand has grown during the rollout, so the next weight would need more instances than `maxExtra` allows. For the next rollout, raise `maxExtra` or take smaller steps.',
  },
  {
    fits: /yields to|launched in …|goes on in …|does not hold|run together|are replaced before others are removed/,
    todo: nothing,
  },
  {
    fits: /rule cannot be given its weights|rules can be edited/,
    todo: 'A rule was deleted or changed, or the pipeline may not edit it; all other rules have their weights. `cutover doctor shop` names the rule. Mend it; Cutover tries again until the weights are set.',
  },
  // Recoveries.
  {
    fits: /^stuck:/,
    todo: 'Five recoveries have ended before the rollout did, so Cutover starts no more of them. Find the cause in the last execution, in the Step Functions console, and remove it. Then run `cutover retry shop`, or redrive that execution in the console.',
  },
  { fits: /goes on$|next recovery follows/, todo: nothing },
  // At rest.
  {
    fits: /are left as they are/,
    todo: 'The rules were changed by hand, and the fleet that should have the traffic has no healthy target, so Cutover does not change them back. Decide which fleet is right, and give it all the weight on every rule; or publish an image.',
  },
  {
    fits: /none is replaced/,
    todo: 'Most of the fleet is unhealthy, so the cause is probably not in the instances. Look at the service and what it depends on. If the instances are broken after all, terminate them; Cutover launches others.',
  },
  {
    fits: /^nothing is launched for|was never admitted$/,
    todo: 'Somebody has edited the row. Find out who did, in the log of the table (CloudTrail). Put back what the admission has on record, the item `admitted#…` beside the row, or roll out a version again with `cutover deploy shop`. Running instances go on serving.',
  },
  {
    fits: /could not reconcile/,
    todo: 'A check at rest failed, and the message names the call. It is tried again every two minutes. If it keeps failing, `cutover doctor shop` says whether a right is missing.',
  },
  {
    fits: /replaced|corrected|is being replaced|at the next look|it is stopped|another decision about the service/,
    todo: nothing,
  },
  // AWS.
  { fits: /This passes/, todo: `${nothing} AWS was busy or did not answer; the call is tried again.` },
  {
    fits: /A retry does not help/,
    todo: 'AWS refuses the call for good. Look the code up in the documentation of the call; the rows above have the usual ones.',
  },
];
