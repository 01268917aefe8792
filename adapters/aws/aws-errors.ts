/** The only place that translates SDK errors: Transient where a retry helps, Rejected where it does not. Both say what to do. */
import { messageOf, Rejected, Transient } from '../../core/basics/errors.ts';
import type { Client, Command } from './client.ts';

/** Sends a command. Every error is thrown as Transient or Rejected, with the SDK's error as its cause. */
export const send = async <Output>(client: Client, command: Command<Output>): Promise<Output> => {
  try {
    return (await client.send(command as never)) as Output;
  } catch (error) {
    throw failureOf(callOf(command), error);
  }
};

/** The service's own code of an error that `send` threw, as its `name` says it. */
export const codeOf = (error: unknown): string => {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? cause.name : '';
};

/** The server does not know the call: emulators of AWS answer with a page instead of the API's error. AWS itself knows all of these calls. */
const isUnknownCall = (error: unknown): boolean =>
  error instanceof Transient && /Deserialization error/.test(messageOf((error as { cause?: unknown }).cause));

/** What a look finds, or `otherwise` where the call is not known: for looks that only warn. */
export const ifKnown = async <T>(otherwise: T, look: () => Promise<T>): Promise<T> => {
  try {
    return await look();
  } catch (error) {
    if (isUnknownCall(error)) return otherwise;
    throw error;
  }
};

// The class's name does not survive a bundler, the schema's does.
const callOf = (command: object): string =>
  (command as { schema?: unknown[] }).schema?.[2]?.toString() ?? command.constructor.name.replace(/Command$/, '');

interface SdkError {
  name: string;
  code?: string;
  $fault?: string;
  $retryable?: object;
  $metadata?: { httpStatusCode?: number };
}

/** Calls that came too fast, by each service's own name for it. */
const throttled =
  /Throttl|TooManyRequests|RequestLimitExceeded|RateExceeded|ProvisionedThroughputExceeded|SlowDown|RequestTimeout/;

/** Other codes that come with a 4xx status and pass by themselves. */
const passing = new Set([
  'BandwidthLimitExceeded',
  'CallRateLimitExceeded',
  'PriorRequestNotComplete',
  'TimeoutError',
  'AbortError',
  'ExecutionLimitExceeded',
  'TransactionInProgressException',
  'ConcurrentModificationException',
  // EC2 is eventually consistent: just after a launch it does not know the instance, which runs nevertheless.
  'InvalidInstanceID.NotFound',
  // ELB: one of the instances is not running (yet, or any more). The next look does not offer it again.
  'InvalidTarget',
  'InvalidTargetException',
  // Auto Scaling is at work on the group; the SDK spells these with Fault, the API without.
  'ResourceContention',
  'ResourceContentionFault',
  'ScalingActivityInProgress',
  'ScalingActivityInProgressFault',
]);
const networkCodes = /^(E[A-Z]+|ERR_[A-Z_]+|UND_ERR_[A-Z_]+)$/;

/** The service did what was asked, and its answer broke off or cannot be read: nothing was refused. */
const brokeOff = ({ $metadata: { httpStatusCode = 0 } = {} }: SdkError): boolean =>
  httpStatusCode >= 200 && httpStatusCode < 300;

const passes = (error: SdkError): boolean =>
  error.$fault === 'server' ||
  brokeOff(error) ||
  error.$retryable !== undefined ||
  (error.$metadata?.httpStatusCode ?? 0) >= 500 ||
  error.$metadata?.httpStatusCode === 429 ||
  (error.$metadata?.httpStatusCode === undefined && networkCodes.test(error.code ?? '')) ||
  throttled.test(error.name) ||
  passing.has(error.name);

/** What to do about a code, first match first. */
const remedies: [RegExp, string][] = [
  [
    /Credentials|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|AuthFailure/,
    'sign in again, or check the credentials',
  ],
  [
    /AccessDenied|Unauthorized|NotAuthorized|OperationNotPermitted|Forbidden/,
    'allow this call to the role that made it',
  ],
  [/NotFound|DoesNotExist|Unknown/, 'check the name or ARN in the configuration, and the account and region'],
  [/LimitExceeded|TooMany|Quota/, "raise the account's quota, or need less"],
  [/Invalid|Validation|Malformed|Missing|Unsupported/, 'correct what the configuration says about it'],
];

const failureOf = (call: string, error: unknown): Error => {
  if (error instanceof Transient || error instanceof Rejected) return error;
  if (!(error instanceof Error)) return new Rejected(`${call} failed: ${messageOf(error)}`, { cause: error });
  const said = `${call} failed with ${error.name}: ${error.message.trim().replace(/\.$/, '')}`;
  if (passes(error)) return new Transient(`${said}. This passes: it is tried again`, { cause: error });
  const remedy = remedies.find(([code]) => code.test(error.name))?.[1] ?? 'see what the code means for this call';
  return new Rejected({ problem: `${said}. A retry does not help`, remedy }, { cause: error });
};
