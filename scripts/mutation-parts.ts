/** Groups files for mutation, and lists the tests for each change: those about it first. */

export interface Part {
  /** Paths from the root. */
  files: string[];
  tests: string[];
}

/** Of core/: types and names alone, with nothing to change. */
const emptyOfCore = [
  'index',
  'release/event-kinds',
  'release/figures',
  'config/service',
  'plan/plan',
  'protocol/requests',
];

const inFolder = (folder: string, ...names: string[]): string[] => names.map((name) => `${folder}/${name}`);

/** Files of core/ and of test/core/, without their endings. */
const ofCore: Record<string, Part> = {
  text: { files: [...inFolder('basics', 'duration', 'format', 'glob'), 'config/suggest'], tests: ['basics/text'] },
  outsideText: { files: ['basics/outside-text'], tests: ['basics/outside-text'] },
  protocol: {
    files: ['basics/slot', ...inFolder('protocol', 'changes', 'guards', 'protocol', 'row', 'weights')],
    tests: inFolder('protocol', 'refusals', 'protocol'),
  },
  plan: {
    files: inFolder('plan', 'planning', 'describe', 'capacity', 'cost', 'limits', 'scaling-bounds'),
    tests: ['plan/planning', 'plan/limits', 'properties/plan'],
  },
  verdict: {
    files: ['plan/bake', ...inFolder('analysis', 'evidence', 'verdict', 'thresholds', 'incident')],
    tests: inFolder('analysis', 'evidence', 'verdict'),
  },
  figures: {
    files: inFolder('analysis', 'burst', 'limit', 'measures', 'period-figures', 'samples', 'share'),
    tests: inFolder('analysis', 'period-figures', 'samples', 'e-process'),
  },
  comparison: {
    files: inFolder('analysis', 'compare', 'e-process', 'minutes'),
    tests: inFolder('analysis', 'minutes', 'e-process'),
  },
  power: { files: ['analysis/power'], tests: ['analysis/power'] },
  schema: {
    files: [
      ...'checks fleet'.split(' ').map((name) => `config/${name}-schema`),
      ...inFolder('config', 'values', 'words', 'permissions', 'define', 'defaults', 'describe', 'schema', 'strategies'),
    ],
    tests: inFolder('config', 'accepted', 'parse'),
  },
  mistakes: { files: inFolder('config', 'parse', 'problems', 'schema-checks'), tests: ['config/mistakes'] },
  images: {
    files: [
      'basics/image',
      ...inFolder('release', 'image-events', 'publications', 'ecr-reference'),
      ...inFolder(
        'config/sources',
        'ami',
        'ecr',
        'event-detail',
        'glob',
        'image-builder',
        'parameter',
        'source',
        'sources',
      ),
      ...inFolder('config/providers', 'cloudwatch', 'prometheus', 'provider', 'providers'),
    ],
    tests: [...inFolder('release', 'image-events', 'publications'), 'config/accepted'],
  },
  adoption: { files: ['fleet/adoption', 'fleet/adoption-notes'], tests: ['fleet/adoption'] },
  persisted: {
    files: [
      'config/reader',
      ...inFolder('protocol', 'contradictions', 'persisted', 'persisted-events', 'persisted-values'),
    ],
    tests: ['protocol/persisted'],
  },
  history: { files: ['release/history'], tests: ['release/history'] },
  small: {
    files: ['fleet/readiness', ...inFolder('basics', 'arn', 'random', 'errors'), 'analysis/closed-periods'],
    tests: ['fleet/readiness', ...inFolder('basics', 'arn', 'random')],
  },
  stalled: {
    files: ['protocol/stalled', 'protocol/waiting', 'basics/finding', 'fleet/unhealthy'],
    tests: ['protocol/stalled', 'fleet/unhealthy'],
  },
  orphans: { files: ['fleet/orphans'], tests: ['fleet/orphans'] },
  'local-only': { files: ['config/local-only'], tests: ['config/local-only'] },
};

const inCore = ({ files, tests }: Part): Part => ({
  files: files.map((file) => `core/${file}.ts`),
  tests: tests.map((test) => `test/core/${test}.test.ts`),
});

/** Files of pipeline/ and of test/, without their endings. */
const ofPipeline: Record<string, Part> = {
  smoke: { files: ['states/smoke'], tests: ['pipeline/states/smoke'] },
  'on-stopped': {
    files: ['triggers/on-stopped', ...inFolder('shared', 'recover', 'start-reserved')],
    tests: ['pipeline/triggers/on-stopped', ...inFolder('pipeline/shared', 'recover', 'start-reserved')],
  },
  triggers: {
    files: [
      ...inFolder('triggers', 'on-alarm', 'on-interruption', 'on-image'),
      ...inFolder('shared', 'alarms', 'alarm-hold', 'services', 'wake-executions'),
    ],
    tests: [...inFolder('pipeline/triggers', 'on-alarm', 'on-interruption', 'on-image'), 'pipeline/shared/alarm-hold'],
  },
  look: {
    files: inFolder('shared', 'capacity', 'demand', 'fleets', 'targets'),
    tests: inFolder('pipeline/shared', 'fleets', 'demand', 'capacity'),
  },
  weights: {
    files: [...inFolder('shared', 'apply-weights', 'replace-unhealthy'), 'reconcile/claim'],
    tests: [...inFolder('pipeline/shared', 'apply-weights', 'replace-unhealthy'), 'pipeline/reconcile/claim'],
  },
  passing: {
    files: [
      ...inFolder('shared', 'cause-text', 'enter-state', 'step-result', 'park-execution', 'record', 'worker-pool'),
      'shared/give-way',
    ],
    tests: [
      ...inFolder('pipeline/shared', 'enter-state', 'give-way', 'park-execution'),
      'pipeline/states/ends',
      'scenarios/superseding',
    ],
  },
  ready: {
    files: [
      ...inFolder('states', 'provision', 'check-ready'),
      ...inFolder('shared', 'grow-fleet', 'fleet-release', 'old-fleet'),
    ],
    tests: [
      ...inFolder('pipeline/states', 'provision', 'check-ready'),
      ...inFolder('pipeline/shared', 'fleet-release', 'old-fleet'),
      'scenarios/bad-images',
      'scenarios/max-extra',
    ],
  },
  shift: {
    files: [...inFolder('states', 'shift', 'roll-back'), 'shared/approval'],
    tests: inFolder('pipeline/states', 'shift', 'roll-back', 'smoke'),
  },
  judge: {
    files: ['states/judge', ...inFolder('shared', 'traffic-before', 'figures', 'keep-figures')],
    tests: ['pipeline/states/judge', ...inFolder('pipeline/shared', 'enter-state', 'figures'), 'scenarios/bad-images'],
  },
  remove: {
    files: [...inFolder('states', 'retire', 'discard'), 'shared/empty-slot'],
    tests: inFolder('pipeline/states', 'retire-and-discard', 'retire-and-discard-refused'),
  },
  ends: {
    files: [...inFolder('states', 'complete', 'report-failure', 'hand-over'), 'shared/finish-attempt'],
    tests: ['pipeline/states/ends', 'pipeline/shared/finish-attempt'],
  },
  'return-traffic': {
    files: [
      ...inFolder('shared', 'return-traffic', 'return-weights', 'lost-instance-reasons'),
      'shared/record-unread-publication',
    ],
    tests: [
      ...inFolder(
        'pipeline/shared',
        'return-traffic',
        'return-weights',
        'lost-instance-reasons',
        'record-unread-publication',
      ),
      'pipeline/states/retire-and-discard',
      'scenarios/max-extra',
      'scenarios/loss',
    ],
  },
  admit: {
    files: [
      'states/admit',
      ...inFolder('shared', 'take-over', 'continue-by-phase', 'redrive', 'who-holds', 'first-row', 'plan-or-reason'),
      ...inFolder('shared', 'admission-findings', 'announce-plan'),
    ],
    tests: [
      'pipeline/states/admit',
      'pipeline/shared/take-over',
      ...inFolder('scenarios', 'redrive', 'recovery', 'observe', 'capacity'),
    ],
  },
  reconcile: {
    files: [
      ...inFolder('reconcile', 'reconcile', 'run-parts', 'problem', 'still-at-rest', 'lost-instances', 'missed-image'),
      ...inFolder('reconcile', 'missed-recovery', 'missed-start', 'orphans', 'reminder', 'scaling-bounds'),
      ...inFolder('reconcile', 'old-versions', 'stalled-execution', 'unhealthy-instances', 'weight-drift'),
    ],
    tests: [
      ...inFolder(
        'pipeline/reconcile',
        'reconcile',
        'still-at-rest',
        'lost-instances',
        'missed',
        'orphans',
        'reminder',
      ),
      ...inFolder(
        'pipeline/reconcile',
        'stalled-execution',
        'unhealthy-instances',
        'weight-drift',
        'run-parts',
        'problem',
      ),
    ],
  },
  people: {
    files: inFolder('operations', 'abort', 'publish'),
    tests: ['pipeline/triggers/on-alarm', 'pipeline/triggers/on-image', 'pipeline/operations/abort'],
  },
  operations: {
    files: [
      ...inFolder('operations', 'answer', 'apply', 'configure', 'current-rollout', 'deploy', 'history', 'plan'),
      ...inFolder('operations', 'published-images', 'retry', 'services', 'status', 'subject', 'bake-view'),
    ],
    tests: [
      ...inFolder('pipeline/operations', 'history', 'published-images'),
      ...inFolder('scenarios', 'people', 'retry', 'observe', 'long-lives'),
    ],
  },
  references: { files: ['operations/references'], tests: ['cli/references'] },
  takeover: { files: ['operations/adopt'], tests: ['scenarios/groups-adopt'] },
  doctor: {
    files: inFolder(
      'operations/doctor',
      'admission',
      'alarms',
      'deployment',
      'dns',
      'doctor',
      'entry',
      'images',
      'launch-template',
      'look',
      'permissions',
      'target-groups',
    ),
    tests: inFolder('scenarios', 'doctor', 'deployment-quotas'),
  },
};

/** Numbers and types alone. */
const emptyOfPipeline = inFolder('shared', 'rollout', 'history-limit', 'wait-times').concat(
  'states/bake',
  'states/await-approval',
);

const inPipeline = ({ files, tests }: Part): Part => ({
  files: files.map((file) => `pipeline/${file}.ts`),
  tests: tests.map((test) => `test/${test}.test.ts`),
});

/** Files of adapters/ and of test/, without their endings. */
const ofAdapters: Record<string, Part> = {
  'aws-errors': {
    files: ['aws/aws-errors', 'aws/client'],
    tests: inFolder('adapters/aws', 'aws-errors', 'executions', 'targets'),
  },
  targets: { files: ['aws/load-balancer/targets'], tests: ['adapters/aws/targets'] },
  traffic: {
    files: inFolder('aws/load-balancer', 'traffic', 'rule-actions', 'target-group', 'load-balancer-arn'),
    tests: ['adapters/aws/traffic', 'adapters/aws/targets'],
  },
  probe: { files: ['aws/load-balancer/probe'], tests: ['adapters/aws/probe'] },
  executions: { files: ['aws/executions'], tests: ['adapters/aws/executions'] },
  registries: {
    files: inFolder('aws/images', 'ami', 'ecr', 'image-builder', 'images', 'parameter'),
    tests: ['adapters/aws/images'],
  },
  instances: {
    files: [
      ...inFolder('aws/instances', 'instances', 'instances-fleet', 'evidence', 'launch', 'launch-template'),
      'aws/fleet',
    ],
    tests: [
      ...inFolder('adapters/aws', 'instances-ensured', 'instances-shrink', 'instances-removed', 'orphans'),
      'adapters/contracts/fleet',
    ],
  },
  groups: {
    files: inFolder('aws/groups', 'auto-scaling', 'groups-fleet', 'old-versions', 'release-version'),
    tests: ['adapters/aws/groups', 'adapters/contracts/fleet', 'scenarios/groups-old-versions'],
  },
  preflight: {
    files: [
      ...inFolder('aws/preflight', 'groups', 'launches', 'preflight', 'reach', 'subnets', 'target-groups', 'vcpus'),
      'aws/preflight/zones',
    ],
    tests: inFolder('scenarios', 'doctor', 'groups-refused', 'capacity', 'vpc', 'cross-zone'),
  },
  ownership: { files: ['aws/ownership', 'aws/inspection'], tests: ['scenarios/groups-adopt', 'scenarios/doctor'] },
  account: {
    files: ['aws/deployment-quotas', ...inFolder('aws/dns', 'aliases', 'commands')],
    tests: inFolder('scenarios', 'deployment-quotas', 'doctor'),
  },
  cloudwatch: { files: ['metrics/cloudwatch', 'metrics/metrics'], tests: ['adapters/metrics/cloudwatch'] },
  prometheus: { files: ['metrics/prometheus'], tests: ['adapters/metrics/prometheus'] },
  notices: { files: ['notifications/eventbridge'], tests: ['adapters/notifications/eventbridge'] },
  requests: {
    files: inFolder('requests', 'addresses', 'get', 'send', 'through-function'),
    tests: inFolder('adapters', 'aws/probe', 'metrics/prometheus'),
  },
  dynamodb: { files: ['ledger/dynamodb'], tests: ['adapters/ledger/dynamodb'] },
  ledger: {
    files: inFolder('ledger', 'ledger', 'keys', 'configurations', 'figures', 'sqlite'),
    tests: ['adapters/contracts/ledger', 'adapters/contracts/store'],
  },
};

/** Types and names alone. */
const emptyOfAdapters = ['ledger/store', 'aws/images/source'];

const inAdapters = ({ files, tests }: Part): Part => ({
  files: files.map((file) => `adapters/${file}.ts`),
  tests: tests.map((test) => `test/${test}.test.ts`),
});

const each = (parts: Record<string, Part>, at: (part: Part) => Part): Record<string, Part> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, at(part)]));

export const parts: Record<string, Part> = {
  ...each(ofCore, inCore),
  ...each(ofPipeline, inPipeline),
  ...each(ofAdapters, inAdapters),
  launches: {
    files: ['core/plan/admitted.ts', 'pipeline/shared/launch.ts', 'adapters/ledger/admissions.ts'],
    tests: ['test/pipeline/shared/launch.test.ts', 'test/adapters/contracts/ledger.test.ts'],
  },
};

/** Files that no part has and none should. */
export const withoutParts = (path: string): boolean =>
  path.startsWith('pipeline/ports/') ||
  [
    ...emptyOfCore.map((file) => `core/${file}.ts`),
    ...emptyOfPipeline.map((file) => `pipeline/${file}.ts`),
    ...emptyOfAdapters.map((file) => `adapters/${file}.ts`),
  ].includes(path);
