/** Lines of the local cloud and of the product: the first must not outgrow the second. */
import { globSync, readFileSync } from 'node:fs';

const linesOf = (...patterns: string[]): number =>
  globSync(patterns).reduce((all, path) => all + readFileSync(path, 'utf8').split('\n').length - 1, 0);

export const sizeBench = (): void => {
  const local = linesOf('local/**/*.ts');
  const product = linesOf('{core,pipeline,adapters,functions,statemachines,cli,api,report}/**/*.{ts,json}');
  const tests = linesOf('test/**/*.ts');
  console.log(`lines                           local/ ${local}, the rest ${product}, tests ${tests}`);
};
