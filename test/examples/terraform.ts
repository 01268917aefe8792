/** The Terraform module of examples/, parsed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@cdktf/hcl2json';

export const moduleFolder = join(import.meta.dirname, '..', '..', 'examples', 'terraform');

export interface Resource extends Record<string, unknown> {
  lifecycle?: { ignore_changes?: string[] }[];
}

/** By type: the module has one resource block of each. Blocks are lists, expressions are `${…}`. */
export const resourcesOf = async (file: string): Promise<Record<string, Resource>> => {
  const text = readFileSync(join(moduleFolder, file), 'utf8');
  const { resource } = (await parse(file, text)) as { resource: Record<string, Record<string, [Resource]>> };
  return Object.fromEntries(
    Object.entries(resource).map(([type, named]) => {
      const [blocks = []] = Object.values(named);
      const [block] = blocks;
      if (block === undefined) throw new Error(`there is no ${type}`);
      return [type, block];
    }),
  );
};
