/** What a person says of a service, as options spell it: each answer checked by itself, so that a wrong one can be asked for again. */

import { Rejected } from '../../core/basics/errors.ts';
import type { WrittenFleet, WrittenImage } from '../../core/config/define.ts';
import { commaSeparated as split } from '../../core/config/sources/glob.ts';
import { imageSources } from '../../core/config/sources/sources.ts';
import { oneOf } from '../../core/config/words.ts';

const expected = (what: string, example: string, found: string): Rejected =>
  new Rejected({
    problem: `expected ${what}, found ${found === '' ? 'nothing' : found}`,
    remedy: `write it like ${example}`,
  });

/** How `--image` is written, source by source: `ecr:acme/shop#release-*`, `ami:shop-*` … */
export const imageOptions = oneOf(imageSources.map(({ kind, option }) => `${kind}:${option.like}`));

/** `ecr:acme/shop`, `ecr:acme/shop#release-*`, `ami:shop-*` … Throws Rejected for anything else. */
export const imageOf = (text: string): WrittenImage => {
  const [, kind, what = ''] = /^(\w+):(.+)$/.exec(text.trim()) ?? [];
  const source = imageSources.find((one) => one.kind === kind);
  if (source === undefined) throw expected('where images come from', imageOptions, text);
  return source.option.read(what);
};

/** `groups:shop-blue,shop-green` or `instances:shop,subnet-a,subnet-b,4`: a launch template, subnets and how many. */
export const fleetOf = (text: string): WrittenFleet => {
  const [, kind, what = ''] = /^(groups|instances):(.+)$/.exec(text.trim()) ?? [];
  const parts = split(what);
  if (kind === 'groups' && parts.length === 2) {
    const [blue = '', green = ''] = parts;
    return { kind, blue, green };
  }
  const [launchTemplate = '', ...rest] = parts;
  const count = Number(rest.at(-1));
  if (kind === 'instances' && rest.length >= 2 && Number.isInteger(count))
    return { kind, launchTemplate, subnets: rest.slice(0, -1), count };
  throw expected('a fleet', 'groups:shop-blue,shop-green or instances:shop,subnet-0a1b,subnet-0c2d,4', text);
};

/** ARNs of two target groups, blue's first. */
export const slotsOf = (text: string): { blue: string; green: string } => {
  const [blue, green, ...more] = split(text);
  if (blue === undefined || green === undefined || more.length > 0)
    throw expected('two target groups', '<ARN of blue>,<ARN of green>', text);
  return { blue, green };
};

export const rulesOf = (text: string): string[] => {
  const rules = split(text);
  if (rules.length === 0 || rules.some((rule) => !rule.includes(':listener-rule/')))
    throw expected("listener rules' ARNs", 'arn:aws:elasticloadbalancing:…:listener-rule/app/…', text);
  return rules;
};
