/** Credentials that are refused for a moment inside a function cost no image its rollout. */
import { expect, it } from 'vitest';
import { liveStory, releaseNamed } from '../build.ts';

const refusals: [code: string, message: string][] = [
  ['ExpiredTokenException', 'The security token included in the request is expired'],
  ['InvalidClientTokenId', 'The security token included in the request is invalid'],
  ['UnrecognizedClientException', 'The security token included in the request is invalid'],
  ['InvalidSignatureException', 'Signature not yet current: 20260105T091500Z is still later than 20260105T091000Z'],
  ['AuthFailure', 'AWS was not able to validate the provided access credentials'],
];

it.each(refusals)('one answer %s to each kind of call rolls no image back', async (code, message) => {
  const story = await liveStory({ schedule: true });
  const struck = new Set<string>();
  let last = 0;
  story.cloud.intercept(async (service, command, _input, next) => {
    // One at a time: what is tried again meets the next one only once it has got through.
    if (service === 'eventbridge' || struck.has(command) || story.time.now() < last + 60_000) return next();
    struck.add(command);
    last = story.time.now();
    throw Object.assign(new Error(message), { name: code, $fault: 'client', $metadata: { httpStatusCode: 403 } });
  });
  story.push('v2');
  await story.after(15 * 60);
  await story.rest();
  expect(struck.size).toBeGreaterThan(5);
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect((await story.rollouts()).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  story.close();
});

it('an image that the account may not launch from is refused for good', async () => {
  const story = await liveStory();
  story.cloud.intercept(async (_service, command, _input, next) => {
    if (!/RunInstances|UpdateAutoScalingGroup/.test(command)) return next();
    throw Object.assign(new Error('Not authorized for images: [ami-0123456789]'), {
      name: 'AuthFailure',
      $fault: 'client',
      $metadata: { httpStatusCode: 403 },
    });
  });
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  story.close();
});
