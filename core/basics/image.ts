/** An immutable artefact, and the name of the release it makes. */

export interface Image {
  /** What an instance's `cutover:image` tag says: `repository@sha256:…` or `ami-…`. */
  reference: string;
  /** The AMI to launch, when the image is one; otherwise the launch template's own AMI boots and pulls `reference`. */
  ami?: string;
  /** What people call it: a tag, a name, a version. */
  label: string;
}

/** Names exactly one image: its AMI's id, or all 64 digits of its digest. Two images may share a release, which is 12 of them. */
export const identityOf = ({ ami, reference }: Image): string =>
  ami ?? /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1] ?? reference;

export const isSameImage = (one: { image: Image }, other: { image: Image }): boolean =>
  identityOf(one.image) === identityOf(other.image);

/** The release an image makes, its display name: 12 hex digits of its digest, or its AMI id without `ami-`; short enough for an execution's name. */
export const releaseOf = (image: Image): string => {
  if (image.ami !== undefined) return image.ami.replace(/^ami-/, '');
  const digest = /@sha256:([0-9a-f]{64})$/.exec(image.reference)?.[1];
  return digest === undefined ? '' : digest.slice(0, 12);
};
