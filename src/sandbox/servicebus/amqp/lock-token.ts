/** A lock token on the wire of a transfer: the 16 bytes of its GUID in the order of .NET, as the service sends them. */
export function toDeliveryTag(token: string): Buffer {
  return swapGuidOrder(toUuidBytes(token));
}

export function fromDeliveryTag(tag: Buffer | string): string {
  return fromUuidBytes(swapGuidOrder(Buffer.from(tag)));
}

/** A lock token in a management request: the same GUID in the order of RFC 9562. */
export function fromUuidBytes(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function toUuidBytes(token: string): Buffer {
  return Buffer.from(token.replaceAll('-', ''), 'hex');
}

/** .NET holds the first three groups of a GUID in little-endian order. Its own inverse. */
function swapGuidOrder(bytes: Buffer): Buffer {
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}
