import { errors } from 'jose';

const NOT_A_JWT = 'The bearer token is not a signed JSON Web Token (JWT).';
const UNKNOWN_KEY = 'The token is signed with a key that the tenant does not publish.';

const DETAILS_BY_CODE: Readonly<Record<string, string>> = {
  [errors.JWSInvalid.code]: NOT_A_JWT,
  [errors.JWTInvalid.code]: NOT_A_JWT,
  [errors.JOSENotSupported.code]: NOT_A_JWT,
  [errors.JOSEAlgNotAllowed.code]: 'The token is not signed with RS256.',
  [errors.JWSSignatureVerificationFailed.code]: "The token's signature is not valid.",
  [errors.JWKSNoMatchingKey.code]: UNKNOWN_KEY,
  [errors.JWKSMultipleMatchingKeys.code]: UNKNOWN_KEY,
  [errors.JWTExpired.code]: 'The token has expired.',
};

const DETAILS_BY_CLAIM: Readonly<Record<string, string>> = {
  aud: 'The token is for another audience.',
  iss: 'The token is from another issuer.',
  nbf: 'The token is not valid yet.',
  exp: 'The token has no valid expiry (exp).',
};

/**
 * What is wrong with the token, in words of ours: jose's errors carry the token's claims. Undefined if the error is not
 * the token's fault, as with keys that cannot be fetched or are damaged.
 */
export function rejectionOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return DETAILS_BY_CLAIM[error.claim] ?? 'The token lacks a claim that is required.';
  }
  return error instanceof errors.JOSEError ? DETAILS_BY_CODE[error.code] : undefined;
}
