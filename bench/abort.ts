/** From an alarm's event until the rules have all traffic on the old version, everything cold, by local/latencies.ts. */
import { liveStory } from '../test/build.ts';

export const abortBench = async (): Promise<void> => {
  const story = await liveStory({ service: { checks: { alarms: ['shop-5xx'] } } });
  story.cloud.setAlarm('shop-5xx', 'OK', 'quiet');
  story.push('v2');
  await story.after(15 * 60);
  let changed = Number.NaN;
  story.cloud.intercept(async (_service, command, _input, next) => {
    const answer = await next();
    if (command === 'ModifyRule' && Number.isNaN(changed)) changed = story.time.now();
    return answer;
  });
  const began = story.time.now();
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'bad', { dataFrom: began - 60_000 });
  await story.after(10);
  story.close();
  if (Number.isNaN(changed)) throw new Error('nothing was aborted');
  console.log(
    `alarm's event to weight 0       ${((changed - began) / 1000).toFixed(2)} s, one cold function; the ledger's calls are not in it, and load balancers take seconds more to follow`,
  );
};
