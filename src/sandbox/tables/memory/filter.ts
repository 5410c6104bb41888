import { joinKey } from './store.ts';
import { notImplemented } from './table-error.ts';

/** Of joined keys: from `start` on and before `end`; without an end, up to the last. */
export interface KeyRange {
  readonly start: string;
  readonly end: string | undefined;
}

const STRING = "'((?:[^']|'')*)'";
const PARTITION = new RegExp(`^PartitionKey eq ${STRING}`);
const ROW = new RegExp(`^ and RowKey (eq|ge|gt|le|lt) ${STRING}`);

type Comparison = 'eq' | 'ge' | 'gt' | 'le' | 'lt';

/** A range of rows within one partition, or everything. @throws TableError where it asks for anything else */
export function rangeOf(filter: string): KeyRange {
  if (filter === '') return { start: '', end: undefined };
  const [partition, name = ''] = PARTITION.exec(filter) ?? [];
  if (partition === undefined) throw notImplemented(`the filter ${filter}`);
  const partitionKey = unquoted(name);
  let range: KeyRange = { start: joinKey(partitionKey, ''), end: `${partitionKey}\u0001` };
  for (let rest = filter.slice(partition.length); rest !== ''; ) {
    const [condition, comparison, value = ''] = ROW.exec(rest) ?? [];
    if (condition === undefined || !isComparison(comparison)) throw notImplemented(`the filter ${filter}`);
    range = narrowed(range, comparison, joinKey(partitionKey, unquoted(value)));
    rest = rest.slice(condition.length);
  }
  return range;
}

export const startingAt = ({ start, end }: KeyRange, key: string): KeyRange => ({
  start: key > start ? key : start,
  end,
});

function narrowed(range: KeyRange, comparison: Comparison, key: string): KeyRange {
  switch (comparison) {
    case 'ge':
      return startingAt(range, key);
    case 'gt':
      return startingAt(range, following(key));
    case 'lt':
      return endingAt(range, key);
    case 'le':
      return endingAt(range, following(key));
    case 'eq':
      return endingAt(startingAt(range, key), following(key));
  }
}

const endingAt = ({ start, end }: KeyRange, key: string): KeyRange => ({
  start,
  end: end === undefined || key < end ? key : end,
});

/** No string is between the two. */
const following = (key: string): string => `${key}\0`;

const unquoted = (text: string): string => text.replaceAll("''", "'");

const isComparison = (text: string | undefined): text is Comparison =>
  text === 'eq' || text === 'ge' || text === 'gt' || text === 'le' || text === 'lt';
