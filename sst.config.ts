/// <reference path="./.sst/platform/config.d.ts" />
/** `npx sst deploy --stage production`: the pipeline in your own account. docs/deploying.md goes from an empty account to a first rollout. */
export default $config({
  app: ({ stage }) => ({
    name: 'cutover',
    home: 'aws',
    removal: stage === 'production' ? 'retain' : 'remove',
    protect: stage === 'production',
  }),
  run: async () => {
    const { createCutover } = await import('./infra/cutover.ts');
    return createCutover('Rollouts', { handlers: 'functions' });
  },
});
