/** reconcile: finds what events missed, corrects what drifted. */

import * as z from 'zod';
import { reconcile } from '../steps/reconcile.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, fleet, images, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('reconcile', reconcile, z.unknown(), {
  executions,
  fleet,
  images,
  ledger,
  notify,
  now,
  traffic,
});

export const handler = onAws(create);
