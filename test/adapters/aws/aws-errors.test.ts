/** SDK errors become Transient or Rejected, and say what to do. */
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { codeOf, ifKnown, send } from '../../../adapters/aws/aws-errors.ts';
import { Rejected, Transient } from '../../../core/basics/errors.ts';
import { fakeClient, sdkError } from './fake.ts';

const thrown = async (error: unknown): Promise<Error> => {
  const client = fakeClient({
    GetParameter: () => {
      throw error;
    },
  });
  return send(client, new GetParameterCommand({ Name: 'x' })).then(
    () => new Error('nothing was thrown'),
    (failure: Error) => failure,
  );
};

/**
 * What AWS says of calls that come too fast, as botocore's and the SDK's own retry rules list it, and what else passes by itself. Each
 * with a status of 400, so that its name alone decides.
 */
const passing = [
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'ThrottlingError',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RateExceeded',
  'CallRateLimitExceeded',
  'BandwidthLimitExceeded',
  'ProvisionedThroughputExceededException',
  'PriorRequestNotComplete',
  'TransactionInProgressException',
  'EC2ThrottledException',
  'SlowDown',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'AbortError',
  'ExecutionLimitExceeded',
  'ConcurrentModificationException',
  'InvalidInstanceID.NotFound',
  'InvalidTarget',
  'InvalidTargetException',
  'ResourceContention',
  'ResourceContentionFault',
  'ScalingActivityInProgress',
  'ScalingActivityInProgressFault',
];

/** What stays as it is until somebody does something. */
const staying = [
  'UnauthorizedOperation',
  'AccessDeniedException',
  'ValidationException',
  'ValidationError',
  'RuleNotFoundException',
  'TargetGroupNotFoundException',
  'InvalidLaunchTemplateName.NotFoundException',
  'InvalidInstanceID.Malformed',
  'InvalidTargetGroup',
  'ExpiredTokenException',
  'VcpuLimitExceeded',
  // To the SDK's own retries it is throttling; the services that are called here mean a quota by it.
  'LimitExceededException',
  'TooManyTargets',
  'ExecutionAlreadyExists',
  'ExecutionDoesNotExist',
  'MyTimeoutErrorPolicy',
  'SomethingNew',
];

describe('an SDK error', () => {
  test.each([
    ...passing.map((code) => ['Transient', code, 400] as const),
    ...staying.map((code) => ['Rejected', code, 400] as const),
    ...[500, 502, 503, 504, 429].map((status) => ['Transient', 'SomethingNew', status] as const),
    ...[401, 403, 404, 409, 418].map((status) => ['Rejected', 'SomethingNew', status] as const),
  ])('is %s when it is %s with status %d', async (name, code, status) => {
    const error = Object.assign(sdkError(code, status), { $fault: 'client' });
    const failure = await thrown(error);
    expect(failure).toMatchObject({ name, cause: error });
    expect(failure.message).toMatch(new RegExp(`^GetParameter failed with ${code}: ${code} happened\\. `));
    expect(codeOf(failure)).toBe(code);
  });

  test('is Transient where the SDK says whose fault it is, or that a retry helps', async () => {
    const unknown = { $metadata: {}, message: 'x', name: 'SomethingNew' };
    for (const more of [{ $fault: 'server' }, { $fault: 'client', $retryable: {} }])
      expect(await thrown(Object.assign(new Error('x'), unknown, more))).toMatchObject({ name: 'Transient' });
    expect(await thrown(Object.assign(new Error('x'), unknown))).toMatchObject({ name: 'Rejected' });
  });

  test('with a network’s code is Transient only where no answer came', async () => {
    for (const code of ['ECONNREFUSED', 'EPIPE', 'ERR_SOCKET_CLOSED', 'UND_ERR_SOCKET'])
      expect(await thrown(Object.assign(new Error('x'), { code })), code).toMatchObject({ name: 'Transient' });
    const answered = Object.assign(new Error('x'), { code: 'ECONNRESET', $metadata: { httpStatusCode: 400 } });
    expect(await thrown(answered)).toMatchObject({ name: 'Rejected' });
    expect(await thrown(Object.assign(new Error('x'), { code: 'badThing' }))).toMatchObject({ name: 'Rejected' });
  });

  test.each([
    ['no answer in time', Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
    [
      'a closed connection',
      Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', $metadata: { attempts: 3 } }),
    ],
    ['a name that does not resolve', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })],
    [
      'an answer that breaks off',
      Object.assign(new Error('aborted'), { code: 'ECONNRESET', $metadata: { httpStatusCode: 200 } }),
    ],
    ['an aborted request', Object.assign(new Error('aborted'), { name: 'AbortError' })],
  ])('is Transient when it is %s', async (_, error) => {
    expect(await thrown(error)).toMatchObject({ name: 'Transient', cause: error });
  });

  test.each([
    ['AccessDeniedException', 'allow this call to the role that made it'],
    ['ParameterNotFound', 'check the name or ARN in the configuration, and the account and region'],
    ['CredentialsProviderError', 'sign in again, or check the credentials'],
    ['VcpuLimitExceeded', "raise the account's quota, or need less"],
    ['ValidationError', 'correct what the configuration says about it'],
    ['SomethingNew', 'see what the code means for this call'],
  ])('named %s says what a person can do about it', async (code, remedy) => {
    const finding = { problem: `GetParameter failed with ${code}: ${code} happened. A retry does not help`, remedy };
    expect(await thrown(sdkError(code))).toMatchObject({ name: 'Rejected', finding });
  });

  test('that passes says so', async () => {
    const said =
      'GetParameter failed with ThrottlingException: ThrottlingException happened. This passes: it is tried again';
    expect((await thrown(sdkError('ThrottlingException'))).message).toBe(said);
    const loose = Object.assign(sdkError('Throttling'), { message: '  slow down.\n' });
    expect((await thrown(loose)).message).toContain(': slow down. This passes');
  });

  test('that is no error at all is told as it is, with its cause', async () => {
    expect(await thrown('a word')).toMatchObject({
      name: 'Rejected',
      message: 'GetParameter failed: a word',
      cause: 'a word',
    });
    expect(codeOf(await thrown('a word'))).toBe('');
  });

  test('that is ours already stays as it is', async () => {
    const ours = new Transient('mine');
    expect(await thrown(ours)).toBe(ours);
  });
});

describe('a look that only warns', () => {
  const unknown = { $metadata: {} };
  const look = (error: Error) => {
    const client = fakeClient({
      GetParameter: () => {
        throw error;
      },
    });
    return ifKnown(unknown, () => send(client, new GetParameterCommand({ Name: 'x' })));
  };

  test('finds nothing where whoever answers does not know the call', async () => {
    const words = "Unexpected token '<'\n  Deserialization error: to see the raw response, inspect the hidden field";
    const page = Object.assign(new SyntaxError(words), { $metadata: { httpStatusCode: 500 } });
    expect(await look(page)).toBe(unknown);
  });

  test('is made again after any other failure', async () => {
    await expect(look(sdkError('InternalFailure', 500))).rejects.toThrow(Transient);
    await expect(look(sdkError('AccessDenied'))).rejects.toThrow(Rejected);
  });
});
