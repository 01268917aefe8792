/** The metrics port: figures from the provider that a service names, and alarms from CloudWatch. */

import type { Service } from '../../core/config/service.ts';
import type { Metrics, Source } from '../../pipeline/ports/metrics.ts';
import type { Client } from '../aws/client.ts';
import type { Get } from '../requests/get.ts';
import { cloudwatchOf } from './cloudwatch.ts';
import { prometheusOf } from './prometheus.ts';

export const metricsOf = ({ cloudwatch, get }: { cloudwatch: Client; get: Get }): Metrics => {
  const { alarms, okFor, ...fromCloudwatch } = cloudwatchOf({ cloudwatch });
  const sources: Record<Service['metrics']['kind'], Source> = {
    cloudwatch: fromCloudwatch,
    prometheus: prometheusOf({ get }),
  };
  // A configuration from before there was a choice names none.
  const of = ({ metrics }: Service): Source => sources[metrics?.kind ?? 'cloudwatch'];
  return {
    series: (service, ...rest) => of(service).series(service, ...rest),
    times: (service, ...rest) => of(service).times(service, ...rest),
    alarms,
    okFor,
  };
};
