/** Every metrics provider. A new one is one more module in this folder; test/core/config/sources.test.ts names the other places to change. */
import * as z from 'zod';
import { kinds, type Reader } from '../reader.ts';
import { oneOf } from '../words.ts';
import { type CloudwatchSource, cloudwatchProvider } from './cloudwatch.ts';
import { type PrometheusSource, prometheusProvider, type WrittenPrometheus } from './prometheus.ts';
import type { ProviderModule } from './provider.ts';

export type MetricsSource = CloudwatchSource | PrometheusSource;
export type WrittenMetrics = CloudwatchSource | WrittenPrometheus;

const byKind: { [Kind in MetricsSource['kind']]: ProviderModule<Extract<MetricsSource, { kind: Kind }>> } = {
  cloudwatch: cloudwatchProvider,
  prometheus: prometheusProvider,
};

export const metricsProviders: readonly ProviderModule<MetricsSource>[] = Object.values(byKind);

export const providerModuleOf = ({ kind }: Pick<MetricsSource, 'kind'>): ProviderModule<MetricsSource> => byKind[kind];

export const metricsSchema = () =>
  z.discriminatedUnion('kind', metricsProviders.map(({ schema }) => schema()) as never, {
    error: `a metrics provider: ${oneOf(metricsProviders.map(({ like }) => like))}`,
  }) as unknown as z.ZodType<MetricsSource, WrittenMetrics>;

export const persistedMetrics = kinds<MetricsSource, 'kind'>(
  'kind',
  Object.fromEntries(metricsProviders.map(({ kind, persisted }) => [kind, persisted])) as {
    [Kind in MetricsSource['kind']]: Reader<Extract<MetricsSource, { kind: Kind }>>;
  },
);
