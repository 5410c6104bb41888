import type { BearerClaims, BearerVerdict, BearerVerifier } from '../kit/bearer.ts';
import { ArmError } from './arm-error.ts';

const AUDIENCE = 'https://management.azure.com';
/** The classic API's, which some tools still ask for. */
const CLASSIC_AUDIENCE = 'https://management.core.windows.net';

/** @throws ArmError 401 with a challenge, as Azure Resource Manager words it. */
export async function authenticate(verifier: BearerVerifier, authorization: string | undefined): Promise<BearerClaims> {
  const verdict = await verifier.verify(authorization, [AUDIENCE, CLASSIC_AUDIENCE]);
  if (verdict.kind === 'valid') return verdict.claims;
  const [code, message] = refusalOf(verdict);
  const challenge = [
    'Bearer authorization_uri="https://login.microsoftonline.com/"',
    'error="invalid_token"',
    `error_description="${message}"`,
  ].join(', ');
  throw new ArmError(401, code, message, { 'www-authenticate': challenge });
}

function refusalOf(verdict: Exclude<BearerVerdict, { kind: 'valid' }>): [code: string, message: string] {
  if (verdict.kind === 'missing') {
    return ['AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing."];
  }
  switch (verdict.reason) {
    case 'malformed':
    case 'signature':
      return ['InvalidAuthenticationToken', 'The access token is invalid.'];
    case 'issuer':
      return ['InvalidAuthenticationTokenTenant', 'The access token is from the wrong issuer.'];
    case 'expired':
      return ['ExpiredAuthenticationToken', 'The access token is outside its lifetime.'];
    case 'audience':
      return [
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for the wrong audience. It should match '${AUDIENCE}'.`,
      ];
  }
}
