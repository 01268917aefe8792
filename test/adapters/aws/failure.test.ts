/** SDK errors become Transient or Rejected, and say what to do. */
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { codeOf, ifKnown, send } from '../../../adapters/aws/failure.ts';
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

describe('an SDK error', () => {
  test.each([
    ['Transient', 'ThrottlingException', 400],
    ['Transient', 'Throttling', 400],
    ['Transient', 'RequestLimitExceeded', 503],
    ['Transient', 'TooManyRequestsException', 429],
    ['Transient', 'ProvisionedThroughputExceededException', 400],
    ['Transient', 'InternalError', 500],
    ['Transient', 'ServiceUnavailable', 503],
    ['Transient', 'ExecutionLimitExceeded', 400],
    ['Transient', 'InvalidInstanceID.NotFound', 400],
    ['Transient', 'InvalidTargetException', 400],
    ['Rejected', 'UnauthorizedOperation', 403],
    ['Rejected', 'AccessDeniedException', 400],
    ['Rejected', 'ValidationException', 400],
    ['Rejected', 'RuleNotFoundException', 400],
    ['Rejected', 'InvalidLaunchTemplateName.NotFoundException', 400],
    ['Rejected', 'ExpiredTokenException', 403],
    ['Rejected', 'VcpuLimitExceeded', 400],
    ['Rejected', 'SomethingNew', 418],
  ])('is %s when it is %s with status %d', async (name, code, status) => {
    const error = sdkError(code, status);
    const failure = await thrown(error);
    expect(failure).toMatchObject({ name, cause: error });
    expect(failure.message).toMatch(new RegExp(`^GetParameter failed with ${code}: ${code} happened\\. `));
    expect(codeOf(failure)).toBe(code);
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

  test('says what a person can do about it', async () => {
    expect((await thrown(sdkError('AccessDeniedException'))).message).toContain('allow this call to the role');
    expect((await thrown(sdkError('ParameterNotFound'))).message).toContain(
      'check the name or ARN in the configuration',
    );
    expect((await thrown(sdkError('CredentialsProviderError'))).message).toContain('sign in again');
    expect((await thrown(sdkError('ThrottlingException'))).message).toContain('it is tried again');
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
