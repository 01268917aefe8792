/** docs/reference/cli.md, made from the commands themselves. */
import type { Argument, Command, Option } from 'commander';
import { exitCodes } from '../../cli/failure.ts';
import { programOf } from '../../cli/main.ts';

export const program = (): Command =>
  programOf(
    { output: { write: () => true }, cwd: '.', stop: new AbortController().signal },
    { write: () => true },
    { former: false },
  );

/** Commands that do something, with their whole names. */
export const commandsOf = (command: Command, above = ''): { name: string; command: Command }[] => {
  const name = `${above}${above === '' ? '' : ' '}${command.name()}`;
  return command.commands.length === 0
    ? [{ name, command }]
    : command.commands.flatMap((inner) => commandsOf(inner, name));
};

/** What stands below the options in a command's help. */
export const notesOf = (command: Command): string => {
  const parts: string[] = [];
  // Commander keeps it as listeners; the help itself is what `helpInformation` gives.
  (command as unknown as NodeJS.EventEmitter).emit('afterHelp', {
    error: false,
    command,
    write: (text: string) => parts.push(text),
  });
  return parts.join('').trim();
};

/** `<name>` would be taken for HTML, but for where it is code. */
const escaped = (text: string): string => text.replaceAll(/`[^`]*`|</g, (found) => (found === '<' ? '\\<' : found));

const cell = (text: string): string =>
  escaped(text)
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');

const table = (titles: string[], rows: string[][]): string[] =>
  rows.length === 0
    ? []
    : [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).concat('');

const choicesOf = ({ argChoices }: Pick<Option, 'argChoices'>): string =>
  argChoices === undefined ? '' : ` (${argChoices.map((one) => `\`${one}\``).join(', ')})`;

const argumentRow = (one: Argument): string[] => [
  `\`${one.required ? `<${one.name()}>` : `[${one.name()}]`}\``,
  `${one.description}${choicesOf(one)}`,
];

/** Where a default is no value, its words stand at the end of the description. */
const optionRow = (one: Option): string[] => {
  const [, meaning = '', words = ''] = /^(.*?)(?:\s*\(default: (.+)\))?$/s.exec(one.description) ?? [];
  const otherwise = one.defaultValue === undefined ? words : `\`${one.defaultValue}\``;
  return [`\`${one.flags}\``, `${meaning}${choicesOf(one)}`, otherwise];
};

/** Paragraphs as they are; what is lined up in columns, and examples, as code. */
const written = (notes: string): string[] =>
  notes.split(/\n\s*\n/).flatMap((paragraph) => {
    const lines = paragraph.split('\n');
    const [first = '', ...others] = lines;
    const indented = others.filter((line) => line.startsWith('  '));
    if (indented.length === 0) return [...lines.map(escaped), ''];
    const before = lines.filter((line) => !line.startsWith('  '));
    const kind = indented.every((line) => /^ {2}(?:[A-Z_]+=\S+ )*cutover /.test(line)) ? 'sh' : 'text';
    return [
      ...(before.length > 0 ? before : [first]),
      '',
      `\`\`\`${kind}`,
      ...indented.map((line) => line.slice(2)),
      '```',
      '',
    ];
  });

const sectionOf = ({ name, command }: { name: string; command: Command }): string[] => {
  const aliases = command.aliases();
  return [
    `## ${name}`,
    '',
    command.description(),
    '',
    '```text',
    `${name} ${command.usage()}`,
    '```',
    '',
    ...(aliases.length > 0
      ? [`Older name, which still works: ${aliases.map((one) => `\`${one}\``).join(', ')}.`, '']
      : []),
    ...table(['argument', 'meaning'], command.registeredArguments.map(argumentRow)),
    ...table(['option', 'meaning', 'default'], command.options.filter(({ hidden }) => !hidden).map(optionRow)),
    ...written(notesOf(command)),
  ];
};

const meanings: Record<keyof typeof exitCodes, string> = {
  done: 'The command did what it was asked to do.',
  failed:
    'Something failed that is not your mistake: the network, AWS, or Cutover itself. `CUTOVER_DEBUG=1` prints where.',
  mistake:
    'A mistake to correct: in the command, the configuration, the account or the machine. The message says which.',
  interrupted: 'Ended by Ctrl-C. The command has cleaned up first.',
};

export const cliReference = (): string => {
  const all = program();
  const commands = all.commands
    .filter((command) => !hiddenIn(all, command))
    .flatMap((one) => commandsOf(one, 'cutover'));
  return [
    '# Command line',
    '',
    'Every command of `cutover`. This page is made from the commands by `npm run docs`; `cutover <command> --help` says the same. In a clone, write `npm run cutover -- <command>`.',
    '',
    '| command | what it does |',
    '|---|---|',
    ...commands.map(
      ({ name, command }) => `| [${name}](#${name.replaceAll(' ', '-')}) | ${cell(command.description())} |`,
    ),
    '',
    '## Every command',
    '',
    ...table(['option', 'meaning', 'default'], all.options.map(optionRow)),
    '### Exit codes',
    '',
    ...table(
      ['code', 'meaning'],
      Object.entries(exitCodes).map(([name, code]) => [String(code), meanings[name as keyof typeof exitCodes]]),
    ),
    'A command whose exit code is its answer says so below.',
    '',
    ...commands.flatMap(sectionOf),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
};

const hiddenIn = (all: Command, command: Command): boolean => !all.createHelp().visibleCommands(all).includes(command);
