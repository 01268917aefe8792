/** The ledger of a data folder. What ran in an earlier run is gone with it, so each run begins with a ledger of its own. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** SQLite's file, its write-ahead log, and the log's index: a killed run leaves all three. */
const parts = ['', '-wal', '-shm'];

export const ledgerFile = (data: string): string => join(data, 'ledger.sqlite');

/** Sets an earlier run's ledger aside under `ledger-<time>.sqlite`, for whoever wants to look at its history. */
export const setLedgerAside = (data: string, now: number): void => {
  const stamp = new Date(now).toISOString().replaceAll(/\D/g, '').slice(0, 17);
  for (const part of parts) {
    const file = `${ledgerFile(data)}${part}`;
    if (existsSync(file)) renameSync(file, join(data, `ledger-${stamp}.sqlite${part}`));
  }
};
