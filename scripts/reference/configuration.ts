/** docs/reference/configuration.md, made from the schema of cutover.config.ts. */
import { writtenService } from '../../core/config/schema.ts';
import { type Key, keysOf } from './keys.ts';

const head = `# Configuration

Every key of \`cutover.config.ts\`. This page is made from the schema by \`npm run docs\`; the schema's own words are what \`cutover validate\` says, too.

\`\`\`ts
import { defineServices, ecr, instances } from 'cutover';

export default defineServices({
  shop: {
    image: ecr('acme/shop', { tags: ['release-*'] }),
    fleet: instances({ launchTemplate: 'shop', subnets: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'], count: 4 }),
    rules: ['arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee'],
    slots: {
      blue: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-blue/6d0ecf831eec9f09',
      green: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-green/73e2d6bc24d8a067',
    },
  },
});
\`\`\`

\`shop\` is the service's name: lower-case letters, digits and single hyphens, at most 40 characters. \`cutover plan shop\` prints every value of a service, and which of them are defaults. A changed configuration counts from the next rollout on, after \`cutover apply\`.

## Kinds of values

| type | how it is written | unit |
|---|---|---|
| duration | \`'90 seconds'\`, \`'5 minutes'\`, \`'1.5 hours'\`, \`'1 day'\`, or a number | whole seconds |
| share | \`'1%'\`, \`'0.5 %'\`, or a number from 0 to 1 | part of the requests or rollouts |
| choice | one of the texts that are listed | |
| list | \`[…]\` | |
`;

const described = ({ type = 'object', unit, limits, nullable }: Key): string => {
  const measured = unit === undefined ? type : `${type} (${unit})`;
  // Of a text and a list its limits say all.
  const kind = type === 'text' || type === 'list' ? limits : `${measured}${limits === undefined ? '' : `: ${limits}`}`;
  return `${kind}${nullable ? '; or `null`' : ''}`;
};

const defaultOf = ({ default: written, otherwise }: Key): string => {
  if (otherwise !== undefined) return otherwise;
  if (written === null) return 'none: the key has to be there';
  return written === '{}' ? 'the defaults of its keys' : `\`${written}\``;
};

const name = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

const sectionOf = (key: Key): string =>
  `### \`${key.path}\`${key.variant === null ? '' : ` of \`${key.variant}(…)\``}

${key.description}

- Value: ${described(key)}
- Default: ${defaultOf(key)}
- Example: \`${name(key.path)}: ${key.example}\`
`;

export const configurationReference = (): string => {
  const keys = keysOf(writtenService);
  const top = keys.filter(({ path }) => !path.includes('.'));
  const sections = top.map((one) => {
    const inner = keys.filter(({ path }) => path.startsWith(`${one.path}.`) || path.startsWith(`${one.path}[`));
    return [`## ${one.path}`, '', ...[one, ...inner].map(sectionOf)].join('\n');
  });
  return [head, ...sections].join('\n');
};
