/** Undefined if it is not JSON. The parser's error is dropped: it quotes the text. */
export function parseJson(text: string | null | undefined): unknown {
  if (text === undefined || text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
