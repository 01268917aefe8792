/** The hex digits of chance in a row, which parts of the names of executions are made of. */
import { randomBytes } from 'node:crypto';

export const randomNonce = (): string => randomBytes(36).toString('hex');
