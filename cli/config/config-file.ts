/** Reads a cutover.config.ts from any folder: its import of `cutover` means this very package, also where that is not installed beside it. */
import { existsSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Rejected } from '../../core/basics/errors.ts';
import { parseServices, problemText, type Service } from '../../core/index.ts';
import { named } from '../../pipeline/operations/services.ts';
import { mistakes } from '../failure.ts';
import { requireUtf8 } from '../files.ts';
import { guarded, thrownText } from './import-guard.ts';
import { adoptHint } from './target-group-name.ts';

export interface Configuration {
  /** Absolute. */
  file: string;
  /** As the user would name it. */
  shown: string;
  /** What the file's default export was. */
  written: Record<string, unknown>;
  services: Service[];
}

const standard = 'cutover.config.ts';
const alternatives = ['cutover.config.ts', 'cutover.config.mts', 'cutover.config.js', 'cutover.config.mjs'];

/** Beside this file, .ts in a clone and .js in the published package. */
const core = pathToFileURL(join(import.meta.dirname, '../..', 'core', `index${extname(import.meta.filename)}`)).href;

/** A folder without package.json, or one of CommonJS, says nothing about what a configuration is: always a module. */
const formats: Record<string, string> = {
  '.ts': 'module-typescript',
  '.mts': 'module-typescript',
  '.js': 'module',
  '.mjs': 'module',
};

const imported = async (file: string): Promise<{ default?: unknown }> => {
  const url = pathToFileURL(file).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'cutover') return { url: core, shortCircuit: true };
      const format = specifier === url ? formats[extname(file)] : undefined;
      return format === undefined ? next(specifier, context) : { url, format, shortCircuit: true };
    },
  });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
};

/** `… (cutover.config.ts:3)`, where the error's stack says so. */
const placeIn = (error: unknown, file: string): string => {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(basename(file));
  const line = /^[^:\n]*:(\d+)/.exec(stack.slice(at))?.[1];
  return at < 0 || line === undefined ? '' : ` (line ${line})`;
};

/**
 * Every service of the configuration, filled in. `complete` gives what was written the parts that nobody can know yet. Throws Rejected
 * with one line for a file that cannot be read, or a line for each mistake.
 */
export const readConfiguration = async (
  given: string | undefined,
  cwd: string,
  complete: (written: unknown) => unknown = (written) => written,
): Promise<Configuration> => {
  const file = given === undefined ? standardIn(cwd) : resolve(cwd, given);
  const shown = relative(cwd, file).startsWith('..') ? file : relative(cwd, file);
  requireUtf8(file, 'file');
  if (!existsSync(file))
    throw new Rejected({
      problem: `there is no file ${shown}`,
      remedy: `name the configuration's file, such as ${standard}`,
    });
  if (!statSync(file).isFile())
    throw new Rejected(`expected the configuration's file, found ${shown}, which is a folder: name the file in it`);
  if (formats[extname(file)] === undefined)
    throw new Rejected(
      `expected a file like ${standard}, found ${shown}: name one that ends in .ts, .mts, .js or .mjs`,
    );
  const unreadable = (error: unknown): never => {
    throw new Rejected(`${shown} cannot be read${placeIn(error, file)}: ${thrownText(error)}`);
  };
  const module = await guarded(() => imported(file)).catch(unreadable);
  if (module.default === undefined)
    throw new Rejected(
      `${shown} has no default export: expected export default defineServices({ … }), as \`cutover init\` writes it`,
    );
  const parsed = parseServices(complete(module.default));
  if (!parsed.ok)
    throw mistakes(
      parsed.problems.map((problem) => `${shown}: ${problemText(problem)}${adoptHint(module.default, problem)}`),
    );
  return { file, shown, written: module.default as Record<string, unknown>, services: parsed.services };
};

/** `read` with the configuration that was named or lies here; else with the one of the local cloud that runs, if one does. */
export const readHereOr = async <T>(
  given: string | undefined,
  used: string | undefined,
  read: (file: string | undefined) => Promise<T>,
): Promise<T> => {
  try {
    return await read(given);
  } catch (error) {
    if (given !== undefined || used === undefined || !(error instanceof Rejected)) throw error;
    return read(used);
  }
};

const standardIn = (cwd: string): string => {
  const found = alternatives.map((name) => join(cwd, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Rejected({
    problem: `there is no ${standard} in ${cwd}`,
    remedy: '`cutover init <service> --local` writes one for this machine; or name another file',
  });
};

/** The service of that name. Throws Rejected with the nearest name, or all of them. */
export const serviceIn = ({ services }: Configuration, given: string): Service => {
  const name = named(
    given,
    services.map((service) => service.name),
  );
  return services.find((service) => service.name === name) as Service;
};
