/// <reference path="./.sst/platform/config.d.ts" />
/** `npm run build && npx --no-install sst deploy --stage production`: the pipeline in your own account. docs/deploying.md goes from an empty account to a first rollout. */
export default $config({
  app: ({ stage }) => ({
    name: 'cutover',
    home: 'aws',
    removal: stage === 'production' ? 'retain' : 'remove',
    protect: stage === 'production',
  }),
  run: async () => {
    // The same component as in the published package.
    const { Cutover } = await import('./dist/infra/cutover.js');
    const listed = (name: string) => process.env[name]?.split(',').filter((one) => one !== '') ?? [];
    const subnets = listed('CUTOVER_VPC_SUBNETS');
    const { table, machine, alias, deadLetters } = new Cutover('Rollouts', {
      bundles: 'dist/lambda',
      ...(subnets.length > 0 && { vpc: { subnets, securityGroups: listed('CUTOVER_VPC_SECURITY_GROUPS') } }),
      notify: listed('CUTOVER_NOTIFY'),
      instanceRoles: listed('CUTOVER_INSTANCE_ROLES'),
    });
    return { table, machine, alias, deadLetters };
  },
});
