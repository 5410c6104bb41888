import fc, { type Arbitrary } from 'fast-check';
import { deepText } from './json.ts';
import { validRequest } from './requests.ts';
import { hostileText } from './text.ts';

export interface RawBody {
  readonly bytes: Buffer;
  /** It is a valid request all the same. */
  readonly isSound: boolean;
}

const LIMIT = 16 * 1024;

const broken = (bytes: Arbitrary<Buffer | string>): Arbitrary<RawBody> =>
  bytes.map((value) => ({ bytes: Buffer.from(value), isSound: false }));
const sound = (bytes: Arbitrary<Buffer | string>): Arbitrary<RawBody> =>
  bytes.map((value) => ({ bytes: Buffer.from(value), isSound: true }));

const request: Arbitrary<string> = validRequest.map(({ idempotencyKey: _, ...value }) => JSON.stringify(value));

const cutShort = fc
  .tuple(request, fc.double({ min: 0, max: 0.999, noNaN: true }))
  .map(([text, part]) => text.slice(0, text.length * part));
const continued = fc
  .tuple(request, fc.constantFrom('{}', '0', ',', '}', '\u0000', ';', '//', '\uFEFF'))
  .map(([text, more]) => text + more);
const relaxed = request.chain((text) =>
  fc.constantFrom(`${text.slice(0, -1)},}`, text.replaceAll('"', "'"), `/* */${text}`, `(${text})`, `)]}',\n${text}`),
);
/** The same name twice, plainly or escaped: readers of JSON disagree on which of the two counts. */
const doubled = fc
  .tuple(request, fc.constantFrom('name', 'n\\u0061me', '\\u006eame'), hostileText)
  .map(([text, name, value]) => `{"${name}":${JSON.stringify(value)},${text.slice(1)}`);
const misencoded = fc
  .tuple(request, fc.constantFrom('80', 'ff', 'c0af', 'eda080', 'f4908080', 'e28'))
  .map(([text, hex]) => Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from(hex, 'hex'), Buffer.from('"}')]));
const wide = request.map((text) => Buffer.from(`\uFEFF${text}`, 'utf16le'));
const huge = fc
  .tuple(request, fc.constantFrom(LIMIT + 1, 2 * LIMIT, 1024 * 1024))
  .map(([text, bytes]) => text.padEnd(bytes));
const padded = fc.tuple(request, fc.constantFrom(0, 1, 500)).map(([text, spaces]) => ' \t\r\n'.repeat(spaces) + text);
const marked = request.map((text) => `\uFEFF${text}`);
const full = request.map((text) => text + ' '.repeat(LIMIT - Buffer.byteLength(text)));
const escaped = request.map((text) =>
  text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
);

/** Bodies as bytes: what is not JSON, not UTF-8, too long, too deep or ambiguous, and some that only look so. */
export const rawBody: Arbitrary<RawBody> = fc.oneof(
  { arbitrary: broken(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))), weight: 3 },
  ...[cutShort, continued, relaxed, doubled, deepText, hostileText].map((arbitrary) => ({
    arbitrary: broken(arbitrary),
    weight: 2,
  })),
  ...[misencoded, wide, huge].map((arbitrary) => ({ arbitrary: broken(arbitrary), weight: 1 })),
  ...[padded, marked, full, escaped].map((arbitrary) => ({ arbitrary: sound(arbitrary), weight: 1 })),
);
