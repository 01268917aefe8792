/** What `import { … } from 'cutover'` gives: all that a cutover.config.ts needs. */
export type {
  Duration,
  FleetConfiguration,
  GroupsFleet,
  ImageSource,
  InstancesFleet,
  Parsed,
  Problem,
  Service,
  SmokeProbe,
} from './configuration.ts';
export { parseServices } from './configuration.ts';
export type { WrittenFleet, WrittenImage, WrittenProbe, WrittenService, WrittenServices } from './define.ts';
export { ami, defineServices, ecr, groups, http, imageBuilder, instances, parameter } from './define.ts';
export { problemText } from './problems.ts';
export type { Bakes, WrittenStrategy } from './strategies.ts';
export { allAtOnce, blueGreen, canary, linear } from './strategies.ts';
