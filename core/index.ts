/** What `import { … } from 'cutover'` gives: all that a cutover.config.ts needs. */
export type {
  Decisions,
  Duration,
  FleetConfiguration,
  GroupsFleet,
  ImageSource,
  InstancesFleet,
  MetricsSource,
  Parsed,
  Problem,
  Service,
  SmokeProbe,
} from './configuration.ts';
export { parseServices } from './configuration.ts';
export type {
  WrittenFleet,
  WrittenImage,
  WrittenMetrics,
  WrittenProbe,
  WrittenService,
  WrittenServices,
} from './define.ts';
export {
  ami,
  cloudwatch,
  defineServices,
  ecr,
  groups,
  http,
  imageBuilder,
  instances,
  parameter,
  prometheus,
} from './define.ts';
export { problemText } from './problems.ts';
export type { Bakes, WrittenStrategy } from './strategies.ts';
export { allAtOnce, blueGreen, canary, linear } from './strategies.ts';
