import { PIECE, piecesOf } from '../leaks/shapes.ts';

/** A secret that nothing but the vault may ever hold, with the characters that encoders change. */
export const CANARY = `cflt/CANARY+"s3cr3t\\/${'Zw4+q/8Rt"xK5\\/Lp+'.repeat(4)}`;

const PIECES = piecesOf(CANARY);

/** The pieces of the canary that a text shows, in whatever shape. */
export function found(text: string): string[] {
  const hits = new Set<string>();
  for (let at = 0; at + PIECE <= text.length; at++) {
    const piece = text.slice(at, at + PIECE);
    if (PIECES.has(piece)) hits.add(piece);
  }
  return [...hits];
}
