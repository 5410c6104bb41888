import type { Typed } from 'rhea';
import { encode } from './rhea-internals.ts';

/** The descriptors of a message's sections (AMQP 1.0, part 3.2). */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
} as const;

/** One section of a message as its sender encoded it. */
export interface Section {
  readonly code: number;
  /** With its descriptor. */
  readonly bytes: Buffer;
  /** Without it. */
  readonly value: Buffer;
}

const DESCRIBED = 0x00;
const SMALL_ULONG = 0x53;
const MAP32 = 0xd1;

/** @throws RangeError for bytes that are no message */
export function readSections(message: Buffer): Section[] {
  const sections: Section[] = [];
  for (let at = 0; at < message.length; ) {
    const descriptorEnd = endOfValue(message, at + 1);
    const end = endOfValue(message, descriptorEnd);
    if (message[at] !== DESCRIBED || message[at + 1] !== SMALL_ULONG) throw new RangeError('Not a section');
    sections.push({
      code: message.readUInt8(at + 2),
      bytes: message.subarray(at, end),
      value: message.subarray(descriptorEnd, end),
    });
    at = end;
  }
  return sections;
}

/** Where the value that begins at `at` ends: its format code says how long it is (AMQP 1.0, part 1.2). */
function endOfValue(bytes: Buffer, at: number): number {
  const end = at + lengthOfValue(bytes, at);
  if (end > bytes.length) throw new RangeError('Cut short');
  return end;
}

function lengthOfValue(bytes: Buffer, at: number): number {
  const code = bytes.readUInt8(at);
  if (code === DESCRIBED) return endOfValue(bytes, endOfValue(bytes, at + 1)) - at;
  switch (code >> 4) {
    case 0x4:
      return 1;
    case 0x5:
    case 0x6:
    case 0x7:
    case 0x8:
    case 0x9:
      return 1 + 2 ** ((code >> 4) - 5);
    case 0xa:
    case 0xc:
    case 0xe:
      return 2 + bytes.readUInt8(at + 1);
    case 0xb:
    case 0xd:
    case 0xf:
      return 5 + bytes.readUInt32BE(at + 1);
    default:
      throw new RangeError(`No format code: ${code}`);
  }
}

/** A map's entries as they were sent, but for those that `changes` names; undefined takes one out. */
export function changedMap(
  code: number,
  map: Section | undefined,
  changes: ReadonlyMap<Typed, Typed | undefined>,
): Buffer {
  const changed = [...changes].map(([key, value]) => ({ key: key.toString(), value: value && [key, value] }));
  const kept = readEntries(map?.value).filter(({ key }) => !changed.some((change) => change.key === key));
  const added = changed.flatMap(({ value }) => (value === undefined ? [] : [Buffer.concat(value.map(encode))]));
  const entries = Buffer.concat([...kept.map(({ bytes }) => bytes), ...added]);
  const head = Buffer.from([DESCRIBED, SMALL_ULONG, code, MAP32, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(entries.length + 4, 4);
  head.writeUInt32BE(2 * (kept.length + added.length), 8);
  return Buffer.concat([head, entries]);
}

function readEntries(map: Buffer | undefined): { readonly key: string; readonly bytes: Buffer }[] {
  if (map === undefined) return [];
  const entries: { key: string; bytes: Buffer }[] = [];
  for (let at = map.readUInt8(0) === MAP32 ? 9 : 3; at < map.length; ) {
    const keyEnd = endOfValue(map, at);
    const end = endOfValue(map, keyEnd);
    // Keys are strings or symbols: their format code, and their length in one byte or in four.
    const key = map.toString('utf8', at + (map.readUInt8(at) >> 4 === 0xa ? 2 : 5), keyEnd);
    entries.push({ key, bytes: map.subarray(at, end) });
    at = end;
  }
  return entries;
}
