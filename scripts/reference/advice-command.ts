/** What refusals of a command and of the ledger mean, and what to do. */
import type { Advice } from './advice-type.ts';

const value = 'Nothing was changed. Write the value in the form that the message shows, and run the command again.';

/** Reasons of the command line. Nothing was changed. */
export const commandAdvice: Advice[] = [
  {
    fits: /cannot be aborted now: …$/,
    todo: 'The end of the message says why. After the commit a rollout cannot be aborted: roll out the older version with `cutover deploy shop <release>`.',
  },
  {
    fits: /its configuration has no `approval`/,
    todo: 'The service rolls out without asking. To be asked, set `approval: { within: "1 day" }` and run `cutover apply`.',
  },
  {
    fits: /^… \(…\) cannot be … now: …/,
    todo: 'The answer does not fit what the rollout asks now; the end of the message says why. Look at the question in `cutover status shop`, and answer that one.',
  },
  {
    fits: /^nothing is being rolled out to …, so nothing was changed/,
    todo: 'The rollout has ended already: `cutover history shop` says how. To go back to an older version, choose one there and run `cutover deploy shop <release>`.',
  },
  {
    fits: /^… has no image …; …/,
    todo: 'The registry has no image of this name. The message has the nearest name, or see `cutover history shop` for the names that were rolled out.',
  },
  { fits: /is under way: wait for its end/, todo: 'Wait with `cutover wait shop`, or run `cutover abort shop` first.' },
  {
    fits: /^nothing was ever rolled out to …$/,
    todo: 'There is no rollout to repeat. Publish an image, or roll one out with `cutover deploy shop <image>`.',
  },
  {
    fits: /^… has no rollout of …: see/,
    todo: 'The name is none that was rolled out to this service. `cutover history shop` lists them.',
  },
  {
    fits: /^… \(…\) went live: to roll it out again/,
    todo: 'Only a rollout that did not go live is repeated. To roll this version out again, run `cutover deploy shop <release>`.',
  },
  {
    fits: /is not in its registry any more: push it again$/,
    todo: 'The image was deleted, so no instance can be launched from it. Push it again, or choose another version in `cutover history shop`.',
  },
  {
    fits: /^there is no service …;|^there are … services/,
    todo: 'Name one of the services in the message, and run the command again.',
  },
  {
    fits: /^no service is (in force|configured)/,
    todo: 'The pipeline has no configuration yet. Run `cutover apply` in the folder of `cutover.config.ts`, or name the file with `--config`.',
  },
  {
    fits: /; nothing was changed\. Do what stands below each/,
    todo: 'Each finding would make a rollout fail or hurt users. Do what stands below each finding, then run `cutover doctor shop` again.',
  },
  {
    fits: /^there is a … already, and it was not changed/,
    todo: '`cutover init` overwrites no file. Add the service to the file by hand, or move the file away and run the command again.',
  },
  { fits: /each name a configuration: give one/, todo: 'Leave one of the two options out.' },
  {
    fits: /cannot be simulated with the built-in strategies/,
    todo: 'The comparison plays the built-in strategies on your service, and one of them does not fit it. Leave `--compare` out.',
  },
  {
    fits: /^this rehearsal says nothing/,
    todo: 'Even good images got no traffic in this rehearsal, so it proves nothing about bad ones. If they were not ready in time, raise `checks.readyWithin` or say a shorter boot time: `--image "errors=5%, boot=5s" --baseline "errors=0.1%, boot=5s"`. Else mend what the message names.',
  },
  { fits: /expected a duration|expected a path that begins|expected a share|expected requests like/, todo: value },
  {
    fits: /^… is not live: it ended …/,
    todo: 'This is how `cutover wait` says that a version did not go live; its exit code says how the rollout ended. `cutover history shop` has the reason.',
  },
  {
    fits: /^two target groups$/,
    todo: 'Write the ARNs of both target groups with a comma between them, that of blue first.',
  },
  {
    fits: /^expected the configuration's file|^expected a file like/,
    todo: 'Name a file that ends in `.ts`, `.mts`, `.js` or `.mjs`, such as `cutover.config.ts`.',
  },
  {
    fits: /cannot be read…: …/,
    todo: 'The configuration is no valid program. The message has the line and the mistake; correct it and run the command again.',
  },
  {
    fits: /has no default export: expected/,
    todo: 'Cutover reads what the file exports by default. End it with `export default defineServices({ … })`; `cutover init shop --local` writes an example.',
  },
  {
    fits: /is not UTF-8: rename/,
    todo: 'Rename the file or the folder with letters that UTF-8 has, and name it again.',
  },
  {
    fits: /instances of the example answer after/,
    todo: 'This machine is too busy to start the example in time. End other programs, then start it again.',
  },
  {
    fits: /^expected the address of the local cloud/,
    todo: 'The file that says where the local cloud runs is damaged. End the local cloud if it runs, and start it again with `cutover local up`.',
  },
  {
    fits: /^--tag: expected at most|takes no image under the tag/,
    todo: 'The service cannot take an image of this tag. Choose another tag with `--tag`, as the message says.',
  },
  {
    fits: /a folder can be published only where they come from ecr/,
    todo: 'For the local cloud, set `image: ecr("shop")`. For a deployed pipeline, push the image to its registry instead.',
  },
  {
    fits: /^nothing is read of the ledger of a stage$/,
    todo: 'With `--stage`, this command looks at the account only. Use `cutover status shop --stage <name>` for what the pipeline has recorded.',
  },
  {
    fits: /^no local cloud is running in/,
    todo: 'Start it in another terminal with `cutover local up`, or name a deployed pipeline with `--stage`.',
  },
  {
    fits: /^… is not rolled out to …: …/,
    todo: 'The image was published, and refused. The end of the message says why; [the first table](#a-publication-is-not-rolled-out) says what to do.',
  },
  {
    fits: /^--stage: expected a name like/,
    todo: 'Write the stage that was deployed, such as `production`, or `app/production` for a pipeline in an app of yours.',
  },
  {
    fits: /^--stage needs an AWS region/,
    todo: 'Set `AWS_REGION`, or set `AWS_PROFILE` to a profile that has a region.',
  },
  { fits: /^--stage needs AWS credentials/, todo: 'Set `AWS_PROFILE`, or log in with the command in the message.' },
  {
    fits: /^there is no pipeline … in this account and region/,
    todo: 'You look at another account, region or stage than the one with the pipeline. Check `AWS_PROFILE`, `AWS_REGION` and `--stage`; if it was never deployed, see [deploying](deploying.md).',
  },
  {
    fits: /there is no property "…"/,
    todo: 'The description of the image has a word that `cutover simulate` does not know. The message lists the words that it knows.',
  },
];

/** Reasons of the ledger and of rows that another version has written. */
export const ledgerAdvice: Advice[] = [
  {
    fits: /is live in its slots and cannot be given others/,
    todo: 'The target groups of a live service stay as they are. Keep them in the configuration, or configure a service of another name.',
  },
  {
    fits: /is not in the configuration any more but a rollout of … holds it/,
    todo: 'A service is not removed while a version is on its way. Wait for the end, run `cutover abort shop`, or keep the service in the configuration.',
  },
  {
    fits: /^nothing was ever decided about …;/,
    todo: 'The name has no history. Correct the name, or publish an image of that service.',
  },
  {
    fits: /^the local ledger needs Node/,
    todo: 'This Node has no SQLite. Run the command with the version that the message names, or a newer one.',
  },
  {
    fits: /^the ledger … cannot be used/,
    todo: 'The file of the local cloud is damaged, or this user may not write it. Make it writable. If it is damaged, delete the data folder; the local cloud begins anew.',
  },
  {
    fits: /^… cannot be read: …$/,
    todo: 'Another version of Cutover wrote the item, or somebody edited it. The service stays as it is. Deploy the version that wrote it, or mend the field that the message names; [safety](safety.md#the-row-protocol) says how rows are read.',
  },
  {
    fits: /^the function is not set up/,
    todo: 'A function of the pipeline lacks a setting that the deployment gives it. Deploy the pipeline again.',
  },
  {
    fits: /^… cannot read its input/,
    todo: 'The execution was started with another input than Cutover gives. Press New execution with the input of an earlier execution, or run `cutover retry shop`.',
  },
];

/** Refusals of the row that a person meets after a command. */
export const answerAdvice: Advice[] = [
  {
    fits: /^the rollout asks nothing at the moment/,
    todo: 'The rollout waits for no answer, so yours was not kept. `cutover status shop` shows what it waits for.',
  },
  {
    fits: /^its question has been answered already/,
    todo: 'Nothing is to be done. Somebody has answered before you; `cutover history shop` says who.',
  },
  {
    fits: /^the question has changed since/,
    todo: 'Something new was found after the question that you answered. Read the new one in `cutover status shop`, and answer that.',
  },
];
