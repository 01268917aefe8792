/** An immutable image, and the name of the release that it makes. */

export interface Image {
  /** The value of an instance's `cutover:image` tag: `repository@sha256:…` or `ami-…`. */
  reference: string;
  /** The AMI to launch, if the image is an AMI. Otherwise the launch template's own AMI boots and pulls `reference`. */
  ami?: string;
  /** The name for people: a tag, a name or a version. */
  label: string;
}

/** Names exactly one image: its AMI id, or all 64 digits of its digest. Two images may share a release, which has only 12 of the digits. */
export const identityOf = ({ ami, reference }: Image): string =>
  ami ?? /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1] ?? reference;

export const isSameImage = (one: { image: Image }, other: { image: Image }): boolean =>
  identityOf(one.image) === identityOf(other.image);

/** The release that an image makes: 12 hex digits of its digest, or its AMI id without `ami-`. Short enough for an execution's name. */
export const releaseOf = (image: Image): string => {
  if (image.ami !== undefined) return image.ami.replace(/^ami-/, '');
  const digest = /@sha256:([0-9a-f]{64})$/.exec(image.reference)?.[1];
  return digest === undefined ? '' : digest.slice(0, 12);
};
