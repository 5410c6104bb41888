/** The part of ASN.1's Distinguished Encoding Rules (ITU-T X.690) that a certificate needs. */

function encode(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 0xff];
}

export const sequence = (...parts: readonly Buffer[]): Buffer => encode(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => encode(0x31, ...parts);
export const octetString = (content: Buffer): Buffer => encode(0x04, content);
export const utf8String = (text: string): Buffer => encode(0x0c, Buffer.from(text));
export const truth = (): Buffer => encode(0x01, Buffer.from([0xff]));

/** @param unusedBits how many of the last octet's low bits are padding. */
export const bitString = (content: Buffer, unusedBits = 0): Buffer => encode(0x03, Buffer.from([unusedBits]), content);

/** A non-negative integer, big-endian, without leading zero octets. */
export function integer(magnitude: Buffer): Buffer {
  const isNegative = ((magnitude[0] ?? 0) & 0x80) !== 0;
  return encode(0x02, Buffer.from(isNegative ? [0] : []), magnitude);
}

/** Whole seconds, years 1950 to 2049. */
export const utcTime = (date: Date): Buffer =>
  encode(
    0x17,
    Buffer.from(
      `${date
        .toISOString()
        .replace(/[-:T]|\.\d+Z$/g, '')
        .slice(2)}Z`,
    ),
  );

/** `[tag]` around other elements. */
export const explicit = (tag: number, ...parts: readonly Buffer[]): Buffer => encode(0xa0 | tag, ...parts);
/** `[tag]` in place of a primitive element's own tag. */
export const implicit = (tag: number, content: Buffer): Buffer => encode(0x80 | tag, content);

/** @param dotted such as `2.5.4.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const octets = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) octets.unshift(0x80 | (left & 0x7f));
  return octets;
}
