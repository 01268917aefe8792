/** Complete, ReportFailure and HandOver: the record and whoever waits, or who goes on, is started. */
import { finish, finishInput } from '../pipeline/states/finish.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('finish', finish, finishInput, { executions, fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
