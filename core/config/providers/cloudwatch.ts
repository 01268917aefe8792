/** Metrics from CloudWatch, as the load balancer counts them. */
import * as z from 'zod';
import { inTheRegion } from '../permissions.ts';
import { exactly, part } from '../reader.ts';
import { strict } from '../values.ts';
import { providerModule } from './provider.ts';

export interface CloudwatchSource {
  kind: 'cloudwatch';
}

/** The load balancer's own counts. */
export const cloudwatch = (): CloudwatchSource => ({ kind: 'cloudwatch' });

export const cloudwatchProvider = providerModule<CloudwatchSource>({
  kind: 'cloudwatch',
  like: 'cloudwatch()',
  schema: () => strict('cloudwatch()', { kind: z.literal('cloudwatch') }),
  persisted: part<CloudwatchSource>({ kind: exactly('cloudwatch') }),
  byTheMinute: 'a load balancer',
  looksUp: { 'cloudwatch:GetMetricData': { on: ['*'], wide: inTheRegion } },
});
