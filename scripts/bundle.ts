/** Bundles each Lambda function with the SDK that it was tested with into dist/lambda/<name>/index.mjs. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * The SDK's schemas are arrays that nothing would keep, were it not for keys like `[_eQN]`, whose constant a bundler does not look up: EC2's
 * are half a megabyte. The same keys, written out, let it drop every operation that a function never sends.
 */
const plainKeys: Plugin = {
  name: 'plain keys',
  setup: ({ onLoad }) => {
    onLoad({ filter: /dist-es\/schemas\/schemas_\d+\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const texts = new Map(
        [...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name = '', text]) => [name, text]),
      );
      return {
        contents: source.replaceAll(/\[(_\w+)\]:/g, (key, name) => (texts.has(name) ? `${texts.get(name)}:` : key)),
      };
    });
  },
};

/** Lambda's credentials are in its environment, where the chain looks first; what comes after it there is never loaded. */
const neverAsked = ['sso', 'ini', 'process', 'web-identity', 'login', 'http'].map(
  (name) => `@aws-sdk/credential-provider-${name}`,
);

/** Answers the bytes of a function's bundle. `root`: the project's; its functions have to be in dist/ already. */
export const bundle = async (root: string, name: string): Promise<number> => {
  const { metafile } = await build({
    entryPoints: [join(root, 'dist', 'functions', `${name}.js`)],
    outfile: join(root, 'dist', 'lambda', name, 'index.mjs'),
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    metafile: true,
    logLevel: 'error',
    // Its ES modules first, or nothing of the SDK can be left out.
    mainFields: ['module', 'main'],
    external: [...neverAsked, '@smithy/credential-provider-imds'],
    plugins: [plainKeys],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return Object.values(metafile.outputs)[0]?.bytes ?? 0;
};

export const functionNames = (root: string): string[] =>
  Object.keys(JSON.parse(readFileSync(join(root, 'statemachines', 'functions.json'), 'utf8')));
