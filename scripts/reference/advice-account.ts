/** What findings in an account mean and what to do, where the finding itself does not say it in a sentence. */
import type { Advice } from './advice-type.ts';

const again = 'Then ask for the version again: `cutover retry shop`.';
const configured =
  'The configuration names something that the account does not have. Correct the name or the ARN in the configuration, or make what it names, and run the command again.';

/** Reasons that an account gives, found before anything is touched. */
export const accountAdvice: Advice[] = [
  {
    fits: /that maxExtra … allows; take smaller steps/,
    todo: `A step of the plan would need more instances beside the old fleet than \`maxExtra\` allows. Take smaller steps, or allow as many as the message says. ${again}`,
  },
  {
    fits: /^a (rule|launch template) that can be used|^an? (target group|Auto Scaling group|alarm) that exists/,
    todo: configured,
  },
  {
    fits: /^whole minutes: on AWS/,
    todo: 'AWS gives figures by the minute, so a shorter period would often be empty. Write whole minutes for this key.',
  },
  {
    fits: /^at least …: on AWS a function/,
    todo: 'Set this key to at least the time in the message. Shorter times are for the local cloud.',
  },
  {
    fits: /^alarm … is on now/,
    todo: 'The alarm protects no rollout while it is on. Find out why it is on before the next rollout.',
  },
  {
    fits: /^alarm … has no data/,
    todo: 'An alarm without data never goes off. Correct its metric and its dimensions, or take it out of `checks.alarms`.',
  },
  {
    fits: /does not bear the tag cutover:service|^… is tagged as …'s$/,
    todo: 'The pipeline may change only what bears the tag of the service. If no other service has the resource, run the command in the finding, which sets the tag. If another service has it, name the resource in one of the two only.',
  },
  {
    fits: /no service-linked role of/,
    todo: 'AWS makes this role at the first use of that service, which the pipeline is not allowed to cause. Run `aws iam create-service-linked-role --aws-service-name <service>` with the name in the finding.',
  },
  {
    fits: /may … on …: IAM's simulation gave no result/,
    todo: 'IAM did not say whether the call is allowed. Run `cutover doctor shop` again. If the finding stays, look at the policies of the role that it names.',
  },
  {
    fits: /^the pipeline's function … may not/,
    todo: 'A rollout would fail at this call. If the finding names a role of an instance profile, add that role to `instanceRoles` and deploy the pipeline again. Else deploy the pipeline again; if the finding stays, a permissions boundary or a policy of your organisation denies the call.',
  },
  {
    fits: /no function of the pipeline is in (their|its) VPC/,
    todo: 'Deploy the pipeline with `vpc: { subnets, securityGroups }` ([deploying](deploying.md)). Or do without: remove `checks.smoke`, or read the metrics from CloudWatch.',
  },
  {
    fits: /^rule … cannot be used: …/,
    todo: `Cutover can set weights only on a rule that forwards to the two target groups in \`slots\`. The end of the message says what is wrong with this one. Mend the rule, or name another in \`rules\`. ${again}`,
  },
  {
    fits: /^there is no target group … to make another like it|^CreateTargetGroup made no target group/,
    todo: 'The second target group could not be made. See that the first one in `slots` exists, or make the second one yourself and write its ARN.',
  },
  {
    fits: /weights of 0 and 0 lead nowhere/,
    todo: 'Users would get errors, so Cutover refuses these weights. They come from an edited row: `cutover history shop` has what was decided before. Roll out a version again with `cutover deploy shop`.',
  },
  {
    fits: /instances at most and needs …: raise its maximum/,
    todo: `The group may not grow as far as the rollout needs. Raise the maximum of the group. ${again}`,
  },
  {
    fits: /^launch template … has no version …/,
    todo: `The version of the launch template that the release starts from was deleted. Let the group, or the template's default version, name a version that exists. ${again}`,
  },
  {
    fits: /^a version of launch template … for … would not launch/,
    todo: `EC2 calls the template invalid together with this image; the end of the message has its words. Correct the template in a new default version. ${again}`,
  },
  {
    fits: /^launch template … version … tags its instances with/,
    todo: `Tags that begin with \`cutover:\` say which release an instance is, so a template must not set them. Take them out in a new default version. ${again}`,
  },
  {
    fits: /instances of … have ended; see their state reasons/,
    todo: `Instances ended as often as they were launched. Their state reasons in the EC2 console and their consoles say why: a quota, a key, or the program. Mend the cause. ${again}`,
  },
];

/** Reasons why a fleet is not adopted. */
export const adoptionAdvice: Advice[] = [
  {
    fits: /do not all lead to the same one of its two target groups/,
    todo: 'Both fleets get requests, so Cutover cannot know which one is live. Give one target group all the weight on every rule, then run `cutover adopt shop` again.',
  },
  {
    fits: /is tagged as …'s: a/,
    todo: 'Another service has this resource. Name another one for `shop`, or give the other service up with `cutover unadopt`, then run the command again.',
  },
  {
    fits: /there is no Auto Scaling group …: make a second one yourself/,
    todo: 'Make the group as [the first week](first-week.md#before-what-you-have-and-what-is-missing) says, then run the command again.',
  },
  {
    fits: /is not attached to the target group that its traffic goes to/,
    todo: 'The group that `fleet` names is not the one that serves. Attach it to that target group, or name the group that serves, then run the command again.',
  },
  {
    fits: /is attached to the target group that serves/,
    todo: 'Instances of the idle group would get requests. Detach the group from that target group, then run the command again.',
  },
  {
    fits: /is to be the idle group and has a minimum/,
    todo: 'The idle group has to be empty between rollouts. Set its minimum and its desired capacity to 0, then run the command again.',
  },
  {
    fits: /^… and … differ in …: make them the same/,
    todo: 'Both versions have to be checked and drained in the same way. Set the attributes in the message to the same values, then run the command again.',
  },
  {
    fits: /^a rollout of … has begun meanwhile/,
    todo: 'A rollout and an adoption would change the same rules. Wait for the end of the rollout, then run the command again.',
  },
];
