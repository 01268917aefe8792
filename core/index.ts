/** What `import { … } from 'cutover'` exports: all that a cutover.config.ts needs. */

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
export type { Parsed } from './config/parse.ts';
export { parseServices } from './config/parse.ts';
export type { Problem } from './config/problems.ts';
export { problemText } from './config/problems.ts';
export type {
  Decisions,
  Duration,
  FleetConfiguration,
  GroupsFleet,
  ImageSource,
  InstancesFleet,
  MetricsSource,
  Service,
  SmokeProbe,
} from './config/service.ts';
export type { Bakes, WrittenStrategy } from './config/strategies.ts';
export { allAtOnce, blueGreen, canary, linear } from './config/strategies.ts';
