/** Readers of the values in a row that have a range or a shape: weights, counts, times, names and ids. */
import { type Reader, shaped, within } from '../config/reader.ts';

export const weight = within('a whole weight from 0 to 100', 0, 100, 'whole');
/** A number of instances. A group may be allowed more than a target group takes. */
export const count = within('a whole number of instances from 0 to 100000', 0, 100_000, 'whole');
export const configuredCount = within('a whole number of instances from 1 to 1000', 1, 1000, 'whole');
/** Tokens, steps and attempts. In a record's key an attempt has six digits. */
export const ordinal = within('a whole number from 0 to 999999', 0, 999_999, 'whole');
/** Epoch milliseconds, with an upper limit: the pipeline would wait for ever for a time that is too late. */
export const time = within('a time from 1970 to 2100 in milliseconds', 0, 4_102_444_800_000);
export const seconds = within('a number of seconds, 0 or more', 0, Number.MAX_SAFE_INTEGER);
export const atLeastZero = within('a number, 0 or more', 0, Number.MAX_VALUE);
/** Of evidence, to the base of ten. */
export const logarithm = within('a number from 0 to 300', 0, 300);
export const share = within('a share from 0 to 1', 0, 1);
export const ratio = within('a ratio from 1 on', 1, Number.MAX_VALUE);
export const status = within('an HTTP status from 100 to 599', 100, 599, 'whole');

/** The same rule as in the configuration's schema, which is zod's and slow to make. */
export const serviceName = shaped('the name of a service', /^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$/);
/** A release is a part of execution names, so it has only these characters. */
export const release = shaped('a release like "3f2a9c0d1e4b"', /^[a-z0-9]{1,40}$/);
export const amiId = shaped('the id of an AMI like "ami-0a1b2c3d"', /^ami-[a-z0-9]{1,40}$/);
export const templateId = shaped('the id of a launch template like "lt-0a1b2c3d"', /^lt-[A-Za-z0-9]{1,60}$/);
/** An adopted group's launch template version may be one of these words. */
export const templateVersion = shaped('the number of a version', /^(\d{1,10}|\$Latest|\$Default)$/);
/** Empty for an adopted fleet of an unknown image. */
export const reference = shaped('a reference of an image without spaces', /^[\w.:/@+-]{0,600}$/);
export const execution = shaped('the name of an execution, 80 characters at most', /^[^\s\p{C}]{1,80}$/u);
export const nonce = shaped('72 hex digits', /^[0-9a-f]{72}$/);
export const subnet = shaped('a subnet id like "subnet-0a1b2c3d"', /^subnet-[A-Za-z0-9-]{1,60}$/);

const arn = (resource: string): RegExp =>
  new RegExp(`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\\d{12}:${resource}$`);
const id = '[A-Za-z0-9-]+';
export const targetGroup: Reader<string> = shaped("a target group's ARN", arn(`targetgroup/${id}/${id}`));
export const rule: Reader<string> = shaped("a listener rule's ARN", arn(`listener-rule/app/${id}/${id}/${id}/${id}`));
