/** The command line: what commands there are, and what becomes of their failures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, type OutputConfiguration } from 'commander';
import { withoutControls } from '../core/basics/outside-text.ts';
import { fitted } from '../report/width.ts';
import { abort } from './commands/abort.ts';
import { adopt } from './commands/adopt.ts';
import { apply } from './commands/apply.ts';
import { approve, reject } from './commands/approve.ts';
import { demo } from './commands/demo.ts';
import { deploy } from './commands/deploy.ts';
import { doctor } from './commands/doctor.ts';
import { history } from './commands/history.ts';
import { init } from './commands/init.ts';
import { local } from './commands/local.ts';
import { plan } from './commands/plan.ts';
import { publish } from './commands/publish.ts';
import { retry } from './commands/retry.ts';
import { simulate } from './commands/simulate.ts';
import { status } from './commands/status.ts';
import { unadopt } from './commands/unadopt.ts';
import { validate } from './commands/validate.ts';
import { wait } from './commands/wait.ts';
import { type Context, standardData } from './context.ts';
import { exitCodes, failureOf } from './failure.ts';
import { requireUtf8 } from './files.ts';
import { onInterrupt } from './interrupt.ts';
import { columnsTold, type Output } from './terminal.ts';

const version = (): string => {
  // Two levels up in the published package, whose code is in dist/.
  for (const up of [['..'], ['..', '..']]) {
    try {
      const manifest = JSON.parse(readFileSync(join(import.meta.dirname, ...up, 'package.json'), 'utf8'));
      if (manifest.name === 'cutover') return manifest.version;
    } catch {
      // Not here.
    }
  }
  return 'unknown';
};

const examples = `
Try it on this machine, without an AWS account:
  cutover demo                               three rollouts with traffic, about 80 seconds

Your own program (a folder with a start command) and your cutover.config.ts:
  cutover init shop --local                  writes a first cutover.config.ts
  cutover validate                           reports every mistake in it
  cutover local up                           runs load balancer and pipeline, until Ctrl-C
  cutover publish ./my-app --service shop    in another terminal: rolls out the folder
  cutover status shop --follow               shows each step
  cutover abort shop --reason "wrong one"    returns all traffic to the old version

With a pipeline on AWS, every command but init, local, demo, simulate and publish takes --stage <name>.

Exit codes: 0 done, 1 the command or the rollout failed, 2 a mistake to correct, 130 ended by Ctrl-C.`;

/** A longer line of prose is hard to follow. */
const widestHelp = 100;

/** Scripts may still use them. */
const formerNames = { roll: deploy, rerun: retry, release: unadopt };

/** The same command under the name that it had; it says what it is called now, once, beside its answer. */
const renamed = (old: string, command: Command, errors: Output): Command => {
  const now = command.name();
  return command
    .name(old)
    .hook('preAction', () => void errors.write(`cutover: ${old} is called ${now} now: write cutover ${now}\n`));
};

/** All commands, also for the page that is made of them, which has no former names. */
export const programOf = (context: Context, errors: Output, { former }: { former: boolean }): Command => {
  const program = new Command('cutover')
    .description(
      'Rolls out new versions of services on EC2 behind a load balancer step by step, and rolls back a bad one.',
    )
    .version(version(), '--version', 'print the version')
    .option('--data <folder>', 'the data folder of the local cloud', standardData)
    .option('--json', 'print the answer as JSON, and nothing else, on standard output')
    .addHelpText('after', examples);
  const commands = [
    demo,
    init,
    local,
    publish,
    plan,
    status,
    history,
    wait,
    deploy,
    retry,
    approve,
    reject,
    abort,
    validate,
    doctor,
    simulate,
    apply,
    adopt,
    unadopt,
  ];
  for (const command of commands) program.addCommand(command(context));
  for (const [old, command] of former ? Object.entries(formerNames) : [])
    program.addCommand(renamed(old, command(context), errors), { hidden: true });
  const width = Math.min(widestHelp, columnsTold(context.output, process.env) ?? 80);
  const output: OutputConfiguration = {
    getOutHelpWidth: () => width,
    getErrHelpWidth: () => width,
    // Commander fits options and commands alone, and those not into a narrow terminal.
    writeOut: (text) => context.output.write(fitted(text, width)),
    // Commander writes help here when a command is missing; its errors are written below, like all others.
    writeErr: (text) => errors.write(fitted(text, width)),
    outputError: () => undefined,
  };
  const prepare = (command: Command): void => {
    command.exitOverride().configureOutput(output).helpCommand(false);
    for (const inner of command.commands) prepare(inner);
  };
  prepare(program);
  return program;
};

export interface Run {
  output?: Output;
  errors?: Output;
  cwd?: string;
  stop?: AbortSignal;
}

/** Runs one command line and answers its exit code. Nothing is thrown, and nothing exits. */
export const run = async (
  args: readonly string[],
  {
    output = process.stdout,
    errors = process.stderr,
    cwd = process.cwd(),
    stop = new AbortController().signal,
  }: Run = {},
): Promise<number> => {
  const program = programOf({ output, cwd, stop }, errors, { former: true });
  try {
    requireUtf8(cwd, 'folder');
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    const { code, lines } = failureOf(error);
    for (const line of lines) errors.write(`${withoutControls(line)}\n`);
    return code;
  }
};

/** As the process `cutover`. */
export const main = (args: readonly string[]): Promise<number> => {
  // `cutover history | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  // `npm --prefix <clone> run cutover -- …` starts this in the clone; the user stands elsewhere.
  const { npm_lifecycle_event: script, INIT_CWD: stands } = process.env;
  return run(args, { stop: onInterrupt(), cwd: script === 'cutover' && stands ? stands : process.cwd() });
};
