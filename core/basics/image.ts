/** An immutable artefact, and the name of the release it makes. */

export interface Image {
  /** What an instance's `cutover:image` tag says: `repository@sha256:…` or `ami-…`. */
  reference: string;
  /** The AMI to launch, when the image is one; otherwise the launch template's own AMI boots and pulls `reference`. */
  ami?: string;
  /** What people call it: a tag, a name, a version. */
  label: string;
}

/** The release an image makes: 12 hex digits of its digest, or its AMI id without `ami-`; short enough for an execution's name. */
export const releaseOf = (image: Image): string => {
  if (image.ami !== undefined) return image.ami.replace(/^ami-/, '');
  const digest = /@sha256:([0-9a-f]{64})$/.exec(image.reference)?.[1];
  return digest === undefined ? '' : digest.slice(0, 12);
};
