import { odata } from '@azure/data-tables';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BothEngines, type Subject, startBothEngines } from './both-engines.ts';
import { TABLE } from './rig.ts';

let both: BothEngines;
beforeAll(async () => {
  both = await startBothEngines();
  await both.act(({ client }) => client.createTable());
});
afterAll(() => both.close());

const RUNS = 200;
/** Five seconds on a machine that does nothing else. */
const TIMEOUT_MS = 120_000;
const PARTITIONS = ['due', "o'brien", 'ü 注%20'];
const ROWS = ['', 'a', "a'", 'a b+%', 'aü', '｡', '😀', '~', 'a?'];

type Condition = 'fresh' | 'stale' | 'foreign' | 'none' | 'any';

type Command =
  | { readonly kind: 'insert' | 'get' | 'upsert'; readonly place: number; readonly row: string; readonly text: string }
  | { readonly kind: 'replace' | 'delete'; readonly place: number; readonly row: string; readonly condition: Condition }
  | {
      readonly kind: 'list';
      readonly place: number;
      readonly from: string;
      readonly to: string;
      readonly size: number;
    };

const condition = fc.constantFrom<Condition>('fresh', 'fresh', 'stale', 'foreign', 'none', 'any');
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const anyRow = fc.constantFrom(...ROWS);
/** Over a few keys only, so that they meet. */
const commandOver = (place: fc.Arbitrary<number>, row: fc.Arbitrary<string>): fc.Arbitrary<Command> =>
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('insert' as const, 'insert' as const, 'get' as const, 'upsert' as const),
      place,
      row,
      text,
    }),
    fc.record({ kind: fc.constantFrom('replace' as const, 'delete' as const), place, row, condition }),
    fc.record({
      kind: fc.constant('list' as const),
      place,
      from: anyRow,
      to: anyRow,
      size: fc.integer({ min: 1, max: 3 }),
    }),
  );

const commands = fc
  .tuple(fc.nat(PARTITIONS.length - 1), fc.uniqueArray(anyRow, { minLength: 2, maxLength: 4 }))
  .chain(([place, rows]) =>
    fc.array(commandOver(fc.constant(place), fc.constantFrom(...rows)), { minLength: 2, maxLength: 10 }),
  );

/** @param partitionOf gives each run partitions of its own. */
async function perform(subject: Subject, command: Command, partitionOf: (place: number) => string): Promise<unknown> {
  const partitionKey = partitionOf(command.place);
  switch (command.kind) {
    case 'insert':
      return noting(subject, partitionKey, command.row, () =>
        subject.client.createEntity({ partitionKey, rowKey: command.row, text: command.text }),
      );
    case 'upsert':
      return noting(subject, partitionKey, command.row, () =>
        subject.client.upsertEntity({ partitionKey, rowKey: command.row, text: command.text, n: 1 }, 'Replace'),
      );
    case 'get': {
      const found = await subject.client.getEntity(partitionKey, command.row);
      expect(found.etag).toBe(subject.etags.get(`${partitionKey}|${command.row}`)?.at(-1));
      return found;
    }
    case 'replace':
      return noting(subject, partitionKey, command.row, () => {
        const etag = etagOf(subject, partitionKey, command.row, command.condition);
        const entity = { partitionKey, rowKey: command.row, replaced: command.condition };
        return subject.client.updateEntity(entity, 'Replace', { etag });
      });
    case 'delete': {
      const etag = etagOf(subject, partitionKey, command.row, command.condition);
      return subject.client.deleteEntity(partitionKey, command.row, { etag });
    }
    case 'list': {
      const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${command.from} and RowKey lt ${command.to}`;
      const pages: unknown[] = [];
      const all = subject.client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: command.size });
      for await (const page of all) pages.push(page);
      return pages;
    }
  }
}

async function noting<T extends { readonly etag?: string }>(
  { etags }: Subject,
  partitionKey: string,
  rowKey: string,
  write: () => Promise<T>,
): Promise<T> {
  const written = await write();
  const key = `${partitionKey}|${rowKey}`;
  etags.set(key, [...(etags.get(key) ?? []), written.etag ?? '']);
  return written;
}

function etagOf({ etags }: Subject, partitionKey: string, rowKey: string, condition: Condition): string {
  const had = etags.get(`${partitionKey}|${rowKey}`) ?? [];
  switch (condition) {
    case 'fresh':
      return had.at(-1) ?? 'W/"never"';
    case 'stale':
      return had.at(-2) ?? 'W/"never"';
    case 'foreign':
      return `W/"datetime'1999-01-01T00%3A00%3A00.0000000Z'"`;
    case 'none':
      return 'no etag';
    case 'any':
      return '*';
  }
}

it(
  'both engines say the same of every step of any sequence, and have the same rows in the end',
  async () => {
    let runs = 0;
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const run = ++runs;
        for (const one of steps) {
          const [azurite, memory] = await both.act((subject) =>
            perform(subject, one, (place) => `${PARTITIONS[place]} ${run}`),
          );
          expect(memory).toEqual(azurite);
          for (const exchange of azurite.exchanges) {
            const step = `${one.kind} ${JSON.parse(exchange).status}`;
            seen.set(step, (seen.get(step) ?? 0) + 1);
          }
        }
      }),
      { numRuns: RUNS },
    );
    const [azurite, memory] = await both.rows(TABLE);
    expect(memory).toBe(azurite);
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining([
        'insert 204',
        'insert 409',
        'get 200',
        'get 404',
        'upsert 204',
        'replace 204',
        'replace 404',
        'replace 412',
        'replace 400',
        'delete 204',
        'delete 404',
        'delete 412',
        'delete 400',
        'list 200',
      ]),
    );
  },
  TIMEOUT_MS,
);
