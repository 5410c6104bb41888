import type { FieldError } from '../model/problems.ts';
import { parseStrictJson } from '../request/strict-json.ts';
import { pointerTo } from '../request/validation.ts';
import { JSON_MEDIA_TYPE } from './envelope.ts';
import { type EventBatch, readEvent } from './incoming.ts';

const PREFIX = 'ce-';
const MAX_ATTRIBUTES = 64;
/** Characters. The search for quoted strings is quadratic, and this bounds it. */
const MAX_VALUE = 4_096;
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;
/** Attributes that are not headers in this mode: the body and its Content-Type. */
const NO_HEADERS: ReadonlySet<string> = new Set(['data', 'datacontenttype']);

/**
 * One CloudEvent in binary mode: attributes in `ce-` headers, the body is the data.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode
 */
export function readBinaryEvent(headers: Iterable<readonly [string, string]>, body: Uint8Array): EventBatch {
  const all = [...headers].map(([name, value]) => [name.toLowerCase(), value] as const);
  const contentType = all.find(([name]) => name === 'content-type')?.[1];
  const data = readData(contentType, body);
  if (data.kind === 'malformed') return data;
  const attributes = all
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, value]) => [name.slice(PREFIX.length), decodeValue(name.slice(PREFIX.length), value)] as const);
  if (attributes.length > MAX_ATTRIBUTES) return { kind: 'malformed', detail: 'it has too many attributes' };
  const errors = attributes.filter(([, value]) => value === undefined).map(([name]) => unreadable(name));
  const event = Object.fromEntries(attributes);
  if (errors.length > 0) {
    return {
      kind: 'events',
      events: [{ kind: 'invalid', ...(event.id === undefined ? {} : { id: event.id }), errors }],
    };
  }
  const datacontenttype = contentType === undefined ? {} : { datacontenttype: contentType };
  return { kind: 'events', events: [readEvent({ ...event, ...datacontenttype, ...data.member })] };
}

const unreadable = (name: string): FieldError => ({
  pointer: pointerTo([name]),
  detail: 'is no attribute of a CloudEvent, or not printable ASCII with the rest as percent-encoded UTF-8',
});

type Data =
  | { readonly kind: 'read'; readonly member: { readonly data?: unknown } }
  | (EventBatch & { kind: 'malformed' });

/** Data that are not JSON are not read. `readEvent` refuses their Content-Type where it needs JSON. */
function readData(contentType: string | undefined, body: Uint8Array): Data {
  if (body.byteLength === 0) return { kind: 'read', member: {} };
  if (contentType !== undefined && !JSON_MEDIA_TYPE.test(contentType)) return { kind: 'read', member: { data: null } };
  const parsed = parseStrictJson(body);
  return parsed.kind === 'parsed' ? { kind: 'read', member: { data: parsed.value } } : parsed;
}

function decodeValue(name: string, header: string): string | undefined {
  if (!ATTRIBUTE_NAME.test(name) || NO_HEADERS.has(name) || header.length > MAX_VALUE) return undefined;
  if (!/^[\x20-\x7E]*$/.test(header)) return undefined;
  const unquoted = header.replace(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1'));
  try {
    return decodeURIComponent(unquoted);
  } catch {
    return undefined;
  }
}
