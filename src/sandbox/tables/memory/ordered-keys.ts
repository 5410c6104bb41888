/** Keys in ascending order of their UTF-16 code units, each once. */
export interface OrderedKeys {
  /** The key must not be there yet. */
  insert(key: string): void;
  remove(key: string): void;
  /** Up to so many keys from `start` on and before `end`; without an end, up to the last. */
  range(start: string, end: string | undefined, count: number): string[];
}

const CHUNK = 1024;

/**
 * A list of sorted chunks, each found by its first key: an insertion moves one chunk's keys at most. Keys that come in
 * order fill their chunks; after deletions chunks may be short, never empty.
 */
export function createOrderedKeys(): OrderedKeys {
  const chunks: string[][] = [];
  const placeOf = (key: string): number => Math.max(0, lastNotAfter(chunks, key));
  return {
    insert: (key) => {
      const place = placeOf(key);
      const chunk = chunks[place];
      if (chunk === undefined) {
        chunks.push([key]);
        return;
      }
      const at = firstNotBefore(chunk, key);
      if (chunk.length < CHUNK) chunk.splice(at, 0, key);
      else if (at === CHUNK) chunks.splice(place + 1, 0, [key]);
      else splitAndInsert(chunks, place, at, key);
    },
    remove: (key) => {
      const place = placeOf(key);
      const chunk = chunks[place];
      const at = chunk === undefined ? 0 : firstNotBefore(chunk, key);
      if (chunk?.[at] !== key) return;
      chunk.splice(at, 1);
      if (chunk.length === 0) chunks.splice(place, 1);
    },
    range: (start, end, count) => {
      const found: string[] = [];
      let place = placeOf(start);
      let at = firstNotBefore(chunks[place] ?? [], start);
      while (found.length < count) {
        const key = chunks[place]?.[at++];
        if (key === undefined) {
          if (++place >= chunks.length) break;
          at = 0;
          continue;
        }
        if (end !== undefined && key >= end) break;
        found.push(key);
      }
      return found;
    },
  };
}

function splitAndInsert(chunks: string[][], place: number, at: number, key: string): void {
  const low = chunks[place] ?? [];
  const high = low.splice(CHUNK / 2);
  chunks.splice(place + 1, 0, high);
  if (at <= low.length) low.splice(at, 0, key);
  else high.splice(at - CHUNK / 2, 0, key);
}

function firstNotBefore(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of the chunks, none of them empty. -1 where all begin after the key. */
function lastNotAfter(chunks: readonly (readonly string[])[], key: string): number {
  let [low, high] = [0, chunks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunks[middle]?.[0] ?? '') <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
