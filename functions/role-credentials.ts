/** Treats errors about a function's credentials as transient: AWS renews them. On a person's command line they are final. */
import type { Environment } from './environment.ts';

/** Expired, not known yet everywhere, or signed by a clock that is ahead or behind. */
const ofCredentials =
  /^(ExpiredToken|ExpiredTokenException|RequestExpired|RequestInTheFuture|RequestTimeTooSkewed|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|MissingAuthenticationToken|MissingAuthenticationTokenException|CredentialsProviderError)$/;

/** EC2 says AuthFailure of an image, too, that this account may not launch from: that does not pass. */
const isOfCredentials = ({ name, message }: Error): boolean =>
  ofCredentials.test(name) || (name === 'AuthFailure' && /access credentials/.test(message));

const passing = (error: unknown): unknown =>
  error instanceof Error && isOfCredentials(error)
    ? Object.assign(error, { $retryable: { throttling: false } })
    : error;

interface Sending {
  send(...given: unknown[]): unknown;
}

/** The same clients, whose errors about credentials are marked as those that pass. */
export const withRoleCredentials = (client: Environment['client']): Environment['client'] => {
  const marking = new WeakMap<object, Sending>();
  return (service, make) => {
    const made = client(service, make) as Sending;
    const known = marking.get(made) ?? {
      send: async (...given: unknown[]) => {
        try {
          return await made.send(...given);
        } catch (error) {
          throw passing(error);
        }
      },
    };
    marking.set(made, known);
    return known as never;
  };
};
