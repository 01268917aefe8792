/** Reads references to ECR images as CI writes them: every endpoint and partition, with a tag, a digest or both. */

export interface EcrReference {
  /** Null: no host is written, which means the repository is in the same registry. */
  registry: { host: string; account: string; region: string } | null;
  repository: string;
  tag: string | null;
  digest: string | null;
}

/** ECR user guide, registry authentication and dual-stack endpoints: `.dkr.ecr.`, `.dkr.ecr-fips.`, `.dkr-ecr.` and `.dkr-ecr-fips.`. */
const host = String.raw`(?<host>(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.[a-z0-9.-]+)`;
const reference = new RegExp(
  String.raw`^(?:${host}/)?(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/** Null: the text is no reference. A first part with a dot is the host of another registry. */
export const ecrReference = (text: string): EcrReference | null => {
  const { groups } = reference.exec(text) ?? {};
  if (groups?.repository === undefined) return null;
  const { host: written, account = '', region = '', repository, tag = null, digest = null } = groups;
  if (written === undefined && /^[^/]*\./.test(repository) && repository.includes('/')) return null;
  return { registry: written === undefined ? null : { host: written, account, region }, repository, tag, digest };
};

/** The registry domain of each partition, by the start of its region names. */
const domains: [begins: string, domain: string][] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
];

/** The host name of a registry. */
export const registryHost = (account: string, region: string): string => {
  const domain = domains.find(([begins]) => region.startsWith(begins))?.[1] ?? 'amazonaws.com';
  return `${account}.dkr.ecr.${region}.${domain}`;
};

/** Why a text names no image that a service in this account and region can use, and what to write; null: it names one. */
export const referenceProblem = (text: string, account: string, region: string): string | null => {
  const like = `write the id of an AMI, or ${registryHost(account, region)}/<repository>@sha256:<digest>`;
  if (text === '') return `it is empty: ${like}`;
  if (/^ami-[0-9a-f]+$/.test(text)) return null;
  const read = ecrReference(text);
  if (read === null) return `it is neither the id of an AMI nor an image in ECR: ${like}`;
  if (read.digest === null) return `it has no digest, and a tag may be moved to another image: ${like}`;
  const { registry } = read;
  if (registry !== null && registry.region !== region)
    return `its registry is in ${registry.region}, and images are read in ${region}: replicate the repository, and name it there`;
  if (registry !== null && registry.account !== account)
    return `its registry belongs to the account ${registry.account}, and images are read in ${account}: replicate the repository, and name it there`;
  return null;
};
