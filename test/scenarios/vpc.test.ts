/** A pipeline without a function in the VPC refuses what needs one, at admission and before; with one, requests go through it. */
import { expect, it } from 'vitest';
import { accountProblems, examine } from '../../pipeline/operations/doctor/doctor.ts';
import { createStory, releaseNamed, type StoryOptions } from '../build.ts';

const prometheus = {
  kind: 'prometheus',
  url: 'http://prometheus.internal:9090',
  requests: 'sum(increase(requests_total{slot="$slot"}[$period]))',
  errors: 'sum(increase(errors_total{slot="$slot"}[$period]))',
};
const outside: StoryOptions['environment'] = (usual) => ({ ...usual, probe: null, reaches: async () => false });

it.each([
  ['smoke tests', { checks: { smoke: [{ path: '/health' }] } }, /checks\.smoke sends requests to instances/],
  ['Prometheus', { metrics: prometheus }, /metrics are read from Prometheus at http:\/\/prometheus\.internal:9090/],
])('without a VPC %s are refused with the remedy, and nothing is launched', async (_, service, words) => {
  const story = await createStory({ service, environment: outside });
  story.push('v1');
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('refused');
  expect(rollout?.reason).toMatch(words);
  expect(rollout?.reason).toContain('deploy the pipeline with `vpc: { subnets, securityGroups }`');
  expect(story.running()).toEqual([]);
  // What validate --stage and doctor say beforehand.
  const problems = await story.during(accountProblems(story.ports(), null, story.service));
  expect(problems).toContainEqual(expect.stringMatching(words));
  const findings = await story.during(examine(story.ports(), null, story.service, null));
  expect(findings.map(({ problem }) => problem)).toContainEqual(expect.stringMatching(words));
  story.close();
});

it('without a VPC a service that asks nothing there goes live', async () => {
  const story = await createStory({ environment: outside });
  story.push('v1');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  story.close();
});

it('with one, every smoke test is asked by the function that stands there, and by no other', async () => {
  const asked: string[] = [];
  const invoked: unknown[] = [];
  let inside = 0;
  const story = await createStory({
    service: { checks: { smoke: [{ path: '/health' }] } },
    environment: (usual) => ({
      ...usual,
      fetch: (input, init) => {
        asked.push(inside > 0 ? 'inside' : 'outside');
        return (usual.fetch ?? fetch)(input, init);
      },
    }),
    around: async (name, call, event) => {
      if (name !== 'probe') return call();
      invoked.push(event);
      inside++;
      try {
        return await call();
      } finally {
        inside--;
      }
    },
  });
  story.push('v1');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect(asked.length).toBe(4);
  expect(new Set(asked)).toEqual(new Set(['inside']));
  expect(invoked).toHaveLength(4);
  expect(invoked[0]).toMatchObject({ url: expect.stringMatching(/^http:\/\/.*\/health$/), most: 2048 });
  story.close();
});

it('a function in the VPC that fails itself costs no image its rollout', async () => {
  let failures = 0;
  const story = await createStory({
    service: { checks: { smoke: [{ path: '/health' }] } },
    around: async (name, call) => {
      if (name === 'probe' && failures++ < 6) throw new Error('Task timed out after 30.00 seconds');
      return call();
    },
  });
  story.push('v1');
  await story.rest();
  expect(failures).toBeGreaterThan(6);
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  story.close();
});
