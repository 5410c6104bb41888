/** Characters of a shape that suffice to tell it: what was cut shorter is no leak that anybody could use. */
export const PIECE = 15;

/**
 * Every shape in which a careless part might show a secret: plain, as a string of JAAS or of JSON, in a URL, in hex, in
 * base64. A base64 text depends on what stands before the secret, so only the characters that are the secret's own count.
 */
export function shapesOf(secret: string): string[] {
  const jaas = secret.replace(/["\\]/g, '\\$&');
  const inJson = within(secret);
  const inJaas = within(jaas);
  const texts = [secret, jaas, inJson, inJaas, within(inJson), within(inJaas)];
  const slashes = texts.map((text) => text.replaceAll('/', '\\/'));
  const bytes = [...texts, ...slashes].flatMap((text) => [
    ...[0, 1, 2].flatMap((before) => base64Of(text, before)),
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('hex').toUpperCase(),
    encodeURIComponent(text),
    encodeURIComponent(encodeURIComponent(text)),
  ]);
  return [...new Set([...texts, ...slashes, ...bytes])];
}

const within = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The part of the base64 that is the text's alone, with so many bytes before it. */
function base64Of(text: string, before: number): string[] {
  const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
  const own = encoded.slice(Math.ceil((before * 8) / 6), -4);
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
}

/** Overlapping pieces of every shape, so that any stretch of a secret is found. */
export function piecesOf(secret: string): ReadonlySet<string> {
  const pieces = new Set<string>();
  for (const shape of shapesOf(secret)) {
    for (let at = 0; at + PIECE <= shape.length; at++) pieces.add(shape.slice(at, at + PIECE));
  }
  return pieces;
}
