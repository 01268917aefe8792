/** `cutover demo`: three rollouts in about a minute, and whether each did what it should. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { formatRate } from '../../core/basics/format.ts';
import { openDataFolder } from '../../local/data-folder.ts';
import { sweep } from '../../local/process-list.ts';
import { tableOf } from '../../report/table.ts';
import { readConfiguration } from '../config/config-file.ts';
import { exampleFile, exampleImages } from '../config/example.ts';
import { type Context, globals } from '../context.ts';
import { claimText } from '../demo/claims.ts';
import type { DemoResult } from '../demo/run.ts';
import { CheckFailed } from '../failure.ts';
import { portOption, standardPort } from '../local/port.ts';
import type { Terminal } from '../terminal.ts';

const prefix = 'cutover-demo-';

/** A demo that was killed has left its folder, and perhaps programs. One that still runs keeps its lock, and is left alone. */
const sweepEarlier = (): void => {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    try {
      openDataFolder(folder).close();
      sweep(join(folder, 'processes'));
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else's, or in use.
    }
  }
};

export const demo = (context: Context): Command =>
  new Command('demo')
    .description(
      'Roll out three versions on this machine, with traffic: a good one, a failing one, one that never gets healthy.',
    )
    .addOption(portOption())
    .addOption(
      new Option('--fleet <kind>', 'numbered instances, or two Auto Scaling groups')
        .choices(['instances', 'groups'])
        .default('instances'),
    )
    .addHelpText(
      'after',
      '\nNothing is left behind: its data is in a temporary folder. About 80 seconds.\n\nExamples:\n  cutover demo\n  cutover demo --fleet groups',
    )
    .action(async ({ port, fleet }: { port?: number; fleet: 'instances' | 'groups' }, command: Command) => {
      const { terminal } = globals(context, command);
      const images = exampleImages;
      const configuration = await readConfiguration(
        exampleFile('demo', fleet === 'groups' ? 'groups' : 'cutover'),
        images,
      );
      // Loaded late, for the sake of every other command.
      const { runDemo } = await import('../demo/run.ts');
      sweepEarlier();
      const data = mkdtempSync(join(tmpdir(), prefix));
      try {
        const result = await runDemo({
          terminal,
          data,
          configuration,
          images,
          port: port ?? standardPort,
          fixedPort: port !== undefined,
          stop: context.stop,
        });
        tell(terminal, result);
        terminal.data(result);
        if (!result.ok && result.acts.every(onlyUnmeasured) && result.claims.every(({ ok }) => ok))
          throw new CheckFailed(
            `this machine is too busy to measure the demo (${result.tooBusy}); end other programs and run it again`,
          );
        if (!result.ok) throw new CheckFailed('not everything was as expected: see the claims marked NO');
      } finally {
        rmSync(data, { recursive: true, force: true });
      }
    });

const onlyUnmeasured = ({ claims }: DemoResult['acts'][number]): boolean =>
  claims.every(({ ok, unmeasured }) => ok || unmeasured);

const tell = (terminal: Terminal, { ok, seconds, acts, requests, failed, claims }: DemoResult): void => {
  const rows = acts.map((act, index) => [
    String(index + 1),
    `version ${act.version}`,
    act.summary,
    `${act.seconds.toFixed(1)} s`,
    act.claims.every((claim) => claim.ok)
      ? terminal.style('green', 'yes')
      : onlyUnmeasured(act)
        ? terminal.style('yellow', 'not measured')
        : terminal.style('red', 'NO'),
  ]);
  terminal.say();
  const heading = ['act', 'published', 'result', 'took', 'as expected'];
  for (const line of tableOf(heading, rows, terminal.width)) terminal.say(line);
  terminal.say();
  for (const claim of claims) terminal.say(claimText(terminal, claim));
  const share = formatRate(requests === 0 ? 0 : failed / requests);
  terminal.say(
    `${ok ? 'Everything was as expected' : 'Not everything was as expected'}: ${requests} requests in ${seconds} s, ${failed} failed (${share}).`,
  );
};
