/** `cutover doctor` on the account's room for the pipeline itself: what is used of what, what is missing, what nobody may look at. */
import { expect, it } from 'vitest';
import { deploymentNeeds, examineDeployment } from '../../pipeline/operations/doctor/deployment.ts';
import functions from '../../statemachines/functions.json' with { type: 'json' };
import triggers from '../../statemachines/triggers.json' with { type: 'json' };
import { createStory, type Story } from '../build.ts';

it('a deployment needs a role for each function and the machine, and a rule for each trigger', () => {
  expect(deploymentNeeds).toMatchObject({ roles: Object.keys(functions).length + 1, rules: triggers.length });
});

const found = (story: Story, deployed: boolean) => story.during(examineDeployment(story.ports().inspection, deployed));

it('an account with room for the pipeline has no finding, and each quota says what is used', async () => {
  const story = await createStory();
  story.cloud.world.deployment.otherRules = 250;
  const { uses, findings } = await found(story, false);
  expect(findings).toEqual([]);
  expect(uses).toEqual([
    { name: 'concurrent Lambda functions', used: 0, limit: 1000, needs: 0 },
    { name: 'roles of IAM', used: 3, limit: 1000, needs: deploymentNeeds.roles },
    { name: 'EventBridge rules on the default bus', used: 250, limit: 300, needs: deploymentNeeds.rules },
  ]);
  story.close();
});

it('each quota that is too small is found with its remedy, and not once the pipeline is there', async () => {
  const story = await createStory();
  Object.assign(story.cloud.world.deployment, { roles: 10, otherRules: 299 });
  expect((await found(story, false)).findings).toEqual([
    {
      problem: `this account has 3 of 10 roles of IAM, and the pipeline needs ${deploymentNeeds.roles} more`,
      remedy: expect.stringContaining('--service-code iam --quota-code L-FE177D64 --desired-value 20'),
    },
    {
      problem: `this account has 299 of 300 EventBridge rules on the default bus, and the pipeline needs ${deploymentNeeds.rules} more`,
      remedy: expect.stringContaining('--service-code events --quota-code L-244521F2 --desired-value 600'),
    },
  ]);
  expect((await found(story, true)).findings).toEqual([]);
  story.close();
});

it('a new account, which runs ten functions at a time, is told to leave `reserved` at 0', async () => {
  const story = await createStory();
  Object.assign(story.cloud.world.deployment, { concurrency: 10 });
  expect((await found(story, true)).findings).toEqual([
    {
      problem: expect.stringContaining(
        'this account may run 10 concurrent Lambda functions, and 0 of them are reserved',
      ),
      remedy: expect.stringContaining('leave `reserved` at 0'),
    },
  ]);
  story.close();
});

it('a limit that nobody may read is said, and the usual one is not taken for it', async () => {
  const story = await createStory();
  story.cloud.world.deployment.otherRules = 299;
  story.cloud.intercept((service, _command, _input, next) => {
    if (service !== 'servicequotas') return next();
    throw Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
  });
  expect((await found(story, false)).findings).toEqual([
    { problem: expect.stringContaining('299 are there'), remedy: expect.any(String), unseen: true },
  ]);
  story.close();
});

it('a quota that nobody may look at is said, and is no fault', async () => {
  const story = await createStory();
  story.cloud.intercept((service, command, _input, next) => {
    if (service === 'ec2' || command !== 'ListRules') return next();
    throw Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
  });
  const { uses, findings } = await found(story, false);
  expect(uses).toHaveLength(2);
  expect(findings).toEqual([
    {
      problem: expect.stringContaining('EventBridge rules on the default bus: ListRules failed with AccessDenied'),
      remedy: expect.any(String),
      unseen: true,
    },
  ]);
  story.close();
});
