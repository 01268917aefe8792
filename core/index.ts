/** What `import { … } from 'cutover'` gives: all that a cutover.config.ts needs. */

export type {
  WrittenFleet,
  WrittenImage,
  WrittenMetrics,
  WrittenProbe,
  WrittenService,
  WrittenServices,
} from './config/define.ts';
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
} from './config/define.ts';
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
} from './config/parse.ts';
export { parseServices } from './config/parse.ts';
export { problemText } from './config/problems.ts';
export type { Bakes, WrittenStrategy } from './config/strategies.ts';
export { allAtOnce, blueGreen, canary, linear } from './config/strategies.ts';
