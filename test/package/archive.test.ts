import { env } from 'node:process';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, expect, it } from 'vitest';
import { archive } from './archive.ts';

const zone = env.TZ;
afterEach(() => {
  if (zone === undefined) delete env.TZ;
  else env.TZ = zone;
});

it('holds what it was given', () => {
  const files = unzipSync(archive({ 'b/c.txt': 'two', a: new Uint8Array([0, 255]) }));
  expect(Object.keys(files)).toEqual(['a', 'b/c.txt']);
  expect(files.a).toEqual(new Uint8Array([0, 255]));
  expect(strFromU8(files['b/c.txt'] ?? new Uint8Array())).toBe('two');
});

it('has the same bytes whatever the order of its files', () => {
  expect(archive({ x: '1', y: '2' })).toEqual(archive({ y: '2', x: '1' }));
});

it.each(['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'America/St_Johns'])(
  'has the same bytes in the time zone %s',
  (name) => {
    const here = archive({ x: '1' });
    env.TZ = name;
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(name);
    expect(archive({ x: '1' })).toEqual(here);
  },
);
