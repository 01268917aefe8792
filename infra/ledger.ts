/** The ledger's table, and the queue for events that could not be handled. */

export const ledgerOf = ({ prefix }: { prefix: string }, parent: $util.ComponentResource) => {
  const production = $app.stage === 'production';
  const table = new aws.dynamodb.Table(
    `${prefix}-ledger`,
    {
      name: `${prefix}-ledger`,
      billingMode: 'PAY_PER_REQUEST',
      hashKey: 'pk',
      rangeKey: 'sk',
      attributes: [
        { name: 'pk', type: 'S' },
        { name: 'sk', type: 'S' },
      ],
      // Of what is kept for people for a while: no function needs the right to delete.
      ttl: { attributeName: 'expires', enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: production,
    },
    { parent, protect: production, retainOnDelete: production },
  );
  const deadLetters = new aws.sqs.Queue(
    `${prefix}-dead-letters`,
    { name: `${prefix}-dead-letters`, messageRetentionSeconds: 14 * 86_400, sqsManagedSseEnabled: true },
    { parent },
  );
  return { table, deadLetters };
};
