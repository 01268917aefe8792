/** What each function weighs and how fast it stands, against the same code with whole packages; and an alarm's way to the rule, in a cold process. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { functionNames } from '../scripts/bundle.ts';
import { liveStory } from '../test/build.ts';
import { answering } from './functions/answers.ts';
import { coldStart, environment, median, printed } from './functions/cold.ts';

const root = join(import.meta.dirname, '..');
const times = 15;

export const functionsBench = async (): Promise<void> => {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts')], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the package cannot be built');
  console.log('function          kB   cold start: bundled   whole packages   times as fast');
  for (const name of functionNames(root)) {
    const files = {
      bundled: join(root, 'dist', 'lambda', name, 'index.mjs'),
      whole: join(root, 'dist', 'functions', `${name}.js`),
    };
    const [bundled, whole]: [number[], number[]] = [[], []];
    // In turn, so that other work on this machine slows both alike.
    for (let run = 0; run < times; run++) {
      bundled.push(await coldStart(files.bundled));
      whole.push(await coldStart(files.whole));
    }
    const [fast, slow] = [median(bundled), median(whole)];
    const size = statSync(files.bundled).size / 1000;
    console.log(
      `${name.padEnd(15)}${size.toFixed(0).padStart(5)}${`${fast.toFixed(0)} ms`.padStart(22)}${`${slow.toFixed(0)} ms`.padStart(17)}${(slow / fast).toFixed(1).padStart(16)}`,
    );
  }
  console.log(
    `an alarm, from event to ModifyRule: ${(await alarmToRule()).toFixed(0)} ms, process and connections cold`,
  );
};

/** Milliseconds, median: from the file's import to ModifyRule as it comes in at a server that answers at once. */
export const alarmToRule = async (): Promise<number> => {
  const story = await liveStory({ service: { checks: { alarms: ['shop-5xx'] } } });
  story.push('v2');
  await story.after(15 * 60);
  const file = join(root, 'dist', 'lambda', 'on-alarm', 'index.mjs');
  const event = { detail: { alarmName: 'shop-5xx', state: { value: 'ALARM' } } };
  const took: number[] = [];
  for (let run = 0; run < times; run++) {
    const aws = await answering(story, { name: 'shop-5xx', from: story.time.now() });
    const code = `const began = Date.now();
      const { handler } = await import(${JSON.stringify(file)});
      const result = await handler(${JSON.stringify(event)}, {});
      console.log(JSON.stringify({ began, result }));
      process.exit(0);`;
    const { began, result } = JSON.parse(await printed(code, environment(aws.url)));
    aws.close();
    if (Number.isNaN(aws.modifiedAt())) throw new Error(`on-alarm did not abort: ${JSON.stringify(result)}`);
    took.push(aws.modifiedAt() - began);
  }
  story.close();
  return median(took);
};
