/** `cutover approve` and `cutover reject`: a person's word on the rollout that is under way. */
import { Command } from 'commander';

import { answer, answerWords } from '../../pipeline/operations/answer.ts';

import { type Context, globals, person, withStage } from '../context.ts';
import { withPipeline } from '../pipeline/connect.ts';

const answering =
  (kind: 'approve' | 'reject', description: string) =>
  (context: Context): Command =>
    withStage(new Command(kind))
      .description(description)
      .argument('<service>', 'its name in the configuration')
      .option('--question <id>', 'answer this question and no other (`cutover status` shows it)')
      .option('--reason <text>', 'why, for the history')
      .addHelpText(
        'after',
        `\nExample:\n  cutover ${kind} shop --reason "${kind === 'approve' ? 'checked by hand' : 'the login page is broken'}"`,
      )
      .action(async (given: string, options: { question?: string; reason?: string }, command: Command) => {
        const { terminal, place } = globals(context, command);
        await withPipeline(place, async ({ ports }) => {
          const { label, ...answered } = await answer(ports, { service: given, kind, by: person(), ...options });
          const done = answerWords[kind];
          terminal.say(`${label} (${answered.release}) is ${done} for ${answered.service}.`);
          if (answered.question !== null) terminal.say(`This answers: ${answered.question.why}.`);
          terminal.data({ ...answered, [done]: true });
        });
      });

export const approve = answering('approve', 'Approve a rollout that waits for a person: it goes on.');
export const reject = answering('reject', 'Refuse a rollout that waits for a person: the new instances are removed.');
