/** Cutover's defaults beside what others document, on the same requests: how much fails until the old version is back. */
import { policies } from './canary/policies.ts';
import { runCells, tablesOf } from './canary/report.ts';

export const canaryBench = async (): Promise<void> => {
  const began = performance.now();
  const { cells, falseRollbacks, summary } = tablesOf(await runCells());
  for (const { traffic, table } of cells) console.log(`\n${traffic} requests a minute\n\n${table}`);
  console.log(`\n${falseRollbacks}\n\n${summary}`);
  console.log(`(${policies.length} policies, ${((performance.now() - began) / 1000).toFixed(0)} s)`);
};
