import fc, { type Arbitrary } from 'fast-check';
import { HUSH, headerText } from './text.ts';

export type Headers = Readonly<Record<string, string>>;

export const goodHeaders = (key: string | undefined): Headers => ({
  'content-type': 'application/json',
  ...(key === undefined ? {} : { 'idempotency-key': key }),
});

const JSON_TYPES = [
  'application/json',
  'APPLICATION/JSON',
  'application/json;charset=utf-8',
  'application/json; charset="UTF-8"',
  'application/json;',
  'application/json; charset=utf8',
  'application/json; charset=us-ascii',
  'application/json;profile=x',
  'application/json; odata.metadata=minimal',
];
const OTHER_TYPES = [
  '',
  'text/json',
  'application/jsonp',
  'application/json-seq',
  'application/json; charset=utf-16',
  'application/json; charset=utf-8; charset=utf-7',
  'application/json, application/json',
  'application/cloudevents+json',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  `application/${HUSH}`,
];
/** Names that hosts, proxies and libraries act on. */
const NAMES = [
  'accept',
  'content-disposition',
  'cookie',
  'expect',
  'forwarded',
  'origin',
  'prefer',
  'range',
  'traceparent',
  'transfer-encoding',
  'x-forwarded-host',
  'x-http-method-override',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-original-url',
  'x-functions-key',
  '__proto__',
  'constructor',
];

const noise: Arbitrary<Headers> = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), headerText), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));

export interface OddHeaders {
  readonly headers: Headers;
  /** They say that the body is JSON in UTF-8, as it is, and of a length that is allowed. */
  readonly isJson: boolean;
}

const typed: Arbitrary<OddHeaders> = fc.oneof(
  {
    arbitrary: fc.constantFrom(...JSON_TYPES).map((type) => ({ headers: { 'content-type': type }, isJson: true })),
    weight: 3,
  },
  {
    arbitrary: fc.constantFrom(...OTHER_TYPES).map((type) => ({ headers: { 'content-type': type }, isJson: false })),
    weight: 2,
  },
  {
    arbitrary: headerText.map((type) => ({ headers: { 'content-type': `${type}/${HUSH}` }, isJson: false })),
    weight: 1,
  },
  { arbitrary: fc.constant({ headers: {}, isJson: false }), weight: 1 },
);

const encoded: Arbitrary<OddHeaders> = fc.oneof(
  { arbitrary: fc.constant({ headers: {}, isJson: true }), weight: 4 },
  {
    arbitrary: fc
      .constantFrom('gzip', 'identity', 'br, gzip', '')
      .map((encoding) => ({ headers: { 'content-encoding': encoding }, isJson: false })),
    weight: 1,
  },
  {
    arbitrary: fc
      .constantFrom('16385', '1e99', 'Infinity', '99999999999999999999')
      .map((length) => ({ headers: { 'content-length': length }, isJson: false })),
    weight: 1,
  },
  {
    arbitrary: fc
      .constantFrom('0', '-1', 'NaN', '', '1, 1', HUSH)
      .map((length) => ({ headers: { 'content-length': length }, isJson: true })),
    weight: 1,
  },
);

const named: Arbitrary<Headers> = fc.oneof(
  { arbitrary: fc.constantFrom('k', 'a b', 'x'.repeat(128)).map((key) => ({ 'idempotency-key': key })), weight: 2 },
  { arbitrary: headerText.map((key) => ({ 'idempotency-key': key })), weight: 2 },
  { arbitrary: fc.constant({}), weight: 1 },
);

/** Headers of a request whose body is sound. */
export const oddHeaders: Arbitrary<OddHeaders> = fc
  .tuple(noise, named, typed, encoded)
  .map(([others, key, type, encoding]) => ({
    headers: { ...others, ...key, ...type.headers, ...encoding.headers },
    isJson: type.isJson && encoding.isJson,
  }));
