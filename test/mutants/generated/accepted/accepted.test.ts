import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changesOf } from '../changes.ts';
import { matches } from './accepted.ts';
import { ACCEPTED } from './index.ts';

const PROJECT = join(import.meta.dirname, '../../../..');

it('accepts only changes of the code as it stands', () => {
  const changes = new Map(
    [...new Set(ACCEPTED.map(({ file }) => file))].map((file) => [
      file,
      changesOf(file, readFileSync(join(PROJECT, file), 'utf8')),
    ]),
  );
  const stale = ACCEPTED.filter((one) => !changes.get(one.file)?.some((change) => matches(one, change)));
  expect(stale).toEqual([]);
});
