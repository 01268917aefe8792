/** reconcile: finds what events missed, and corrects drift. */

import * as z from 'zod';
import { reconcile } from '../pipeline/reconcile/reconcile.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, fleet, images, ledger, metrics, notify, now, preflight, traffic } from './ports.ts';

export const create = toLambda('reconcile', reconcile, z.unknown(), {
  executions,
  preflight,
  fleet,
  images,
  ledger,
  metrics,
  notify,
  now,
  traffic,
});

export const handler = onAws(create);
