import fc, { type Arbitrary } from 'fast-check';
import { anyJson } from './json.ts';
import { HUSH, headerText, hostileText } from './text.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a header of a JWT may say to make its reader use another key or algorithm, or none. */
const protectedHeader: Arbitrary<Readonly<Record<string, unknown>>> = fc.record(
  {
    alg: fc.constantFrom('RS256', 'none', 'None', 'HS256', 'RS512', 'ES256', 'dir', 7, null),
    kid: fc.oneof(fc.constantFrom('known', '', '../../known', 'x'.repeat(2_000)), hostileText, anyJson),
    typ: fc.constantFrom('JWT', 'at+jwt', HUSH),
    crit: fc.constantFrom<unknown>(['b64'], [], ['exp'], HUSH),
    b64: fc.boolean(),
    jku: fc.constant('https://example.org/keys'),
    x5u: fc.constant('https://example.org/certificate'),
    jwk: fc.constant({ kty: 'oct', k: 'AAAA' }),
    zip: fc.constant('DEF'),
  },
  { requiredKeys: [] },
);

const lookAlike = fc
  .tuple(fc.oneof(protectedHeader, anyJson), anyJson, fc.oneof(fc.base64String(), fc.constant('')))
  .map(([header, payload, signature]) => `Bearer ${part(header)}.${part(payload)}.${signature}`);
const dotted = fc
  .array(fc.oneof(fc.stringMatching(/^[\w.~+/=-]*$/), anyJson.map(part)), { maxLength: 6 })
  .map((parts) => `Bearer ${parts.join('.')}`);
const schemed = fc
  .tuple(
    fc.constantFrom('Basic', 'bearer', 'BEARER ', 'Bearer\t', 'Bearer,', 'Negotiate', 'Bearer Bearer', ''),
    headerText,
  )
  .map(([scheme, text]) => `${scheme} ${text}`);
const long = fc.constantFrom(16_000, 20_000).map((length) => `Bearer ${'a'.repeat(length)}`);

/** `Authorization` headers that nobody signed; null: there is none. */
export const unsigned: Arbitrary<string | null> = fc.oneof(
  lookAlike,
  lookAlike,
  dotted,
  schemed,
  headerText,
  long,
  fc.constant(null),
);

export interface Claims {
  readonly [name: string]: unknown;
}

/** Changes to the claims of a token that would be good without them; undefined takes a claim away. */
export const oddClaims: Arbitrary<Claims> = fc
  .array(
    fc.tuple(
      fc.constantFrom('iss', 'aud', 'tid', 'oid', 'azp', 'appid', 'exp', 'nbf', 'roles', 'sub', '__proto__'),
      fc.oneof(anyJson, hostileText, fc.constantFrom(undefined, -1, 1e300, '2099-01-01', [], [HUSH], [[HUSH]])),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((changes) => Object.fromEntries(changes));
