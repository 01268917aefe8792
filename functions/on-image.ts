/** on-image: looks for a new image after an event. */

import * as z from 'zod';
import { onImage } from '../pipeline/triggers/on-image.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, fleet, images, ledger, metrics, notify, now, preflight, traffic } from './ports.ts';

export const create = toLambda('on-image', onImage, z.unknown(), {
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
