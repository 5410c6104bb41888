import { bearerTokenAuthenticationPolicy, type PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';

export const ARM_SCOPE = 'https://management.azure.com/.default';

/** Puts the identity's token on every request, and answers claims challenges with a new one. */
export function authenticationPolicy(credential: TokenCredential, scopes: string): PipelinePolicy {
  return bearerTokenAuthenticationPolicy({
    credential,
    scopes,
    challengeCallbacks: {
      // The policy's own cache refreshes a token that is about to expire behind the requests' back. If the identity
      // endpoint is down until it has expired, that is an unhandled rejection, which ends the process. The credential
      // caches as well, so it is asked every time.
      authorizeRequest: async ({ request }) => {
        const token = await credential.getToken(scopes, { enableCae: true });
        if (token === null) throw new Error('The credential has no token');
        request.headers.set('authorization', `Bearer ${token.token}`);
      },
    },
  });
}
