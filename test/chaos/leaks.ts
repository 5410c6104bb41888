/** How secrets begin, in plain and in base64: whatever looks like one is kept until all that were minted are known. */
const SUSPICIOUS = /(?:cflt|Y2Zsd).{11}/g;
const PREFIX = 16;

/** Looks for secrets in everything that left the vault path. */
export class LeakSearch {
  readonly #suspects: { readonly where: string; readonly text: string }[] = [];

  look(where: string, text: string): void {
    for (const [match] of text.matchAll(SUSPICIOUS)) this.#suspects.push({ where, text: match });
  }

  /** Where one of these secrets was seen: as it is, in base64, URL-encoded or with JSON's escaped slashes. */
  found(secrets: readonly string[]): string[] {
    const shapes = new Set(secrets.flatMap(shapesOf));
    const hits = this.#suspects.filter(({ text }) => shapes.has(text.slice(0, PREFIX)) || shapes.has(text));
    return [...new Set(hits.map(({ where }) => where))];
  }
}

function shapesOf(secret: string): string[] {
  const shapes = [
    secret,
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret),
    secret.replaceAll('/', '\\/'),
  ];
  return shapes.flatMap((shape) => [shape.slice(0, PREFIX), shape.slice(0, PREFIX - 1)]);
}
