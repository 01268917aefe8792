/** Everything that the pipeline reads and does outside itself, one file per port: types only, no SDK types. Every call may be repeated. */
import type { Executions } from './executions.ts';
import type { Fleet } from './fleet.ts';
import type { Images } from './images.ts';
import type { Inspection } from './inspection.ts';
import type { Ledger } from './ledger.ts';
import type { Metrics } from './metrics.ts';
import type { Notify } from './notify.ts';
import type { Ownership } from './ownership.ts';
import type { Preflight } from './preflight.ts';
import type { Probe } from './probe.ts';
import type { Traffic } from './traffic.ts';

export interface Ports {
  ledger: Ledger;
  fleet: Fleet;
  preflight: Preflight;
  ownership: Ownership;
  traffic: Traffic;
  metrics: Metrics;
  images: Images;
  executions: Executions;
  notify: Notify;
  inspection: Inspection;
  probe: Probe;
  now: () => number;
}
