import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findingsOf } from './drills/alert.ts';

const NOW = Date.parse('2026-05-04T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Line {
  /** Milliseconds before now. */
  readonly ago: number;
  readonly record: object;
}

/** Whether an alert fires on a log, at a time after now. */
async function fires(name: string, lines: readonly Line[], later = 0): Promise<boolean> {
  const logs = lines.map(({ ago, record }) => ({
    time: new Date(NOW - ago).toISOString(),
    message: JSON.stringify(record),
    functionName: 'vendKey',
  }));
  const now = new Date(NOW + later).toISOString();
  return (await findingsOf(name, async (path) => (path === '/clock' ? { now } : logs))).length > 0;
}

const audited = (sequence: number, state: string, repeated = {}): object => ({
  audit: { id: `w${sequence}`, credentialId: 'c', sequence, state, change: 'recordVended', ...repeated },
});

describe('an audit record that the reconciler repeats arrives late, and says nothing new', () => {
  it.each([
    [true, 'vended', 'unknown'],
    [false, 'unknown', 'vended'],
  ])('outcome-unknown fires (%s): the credential was %s, and then %s', async (isFiring, before, after) => {
    const [first, second] = [audited(3, before), audited(4, after)];
    const inOrder = [
      { ago: 20 * MINUTE, record: first },
      { ago: 10 * MINUTE, record: second },
    ];
    expect(await fires('outcome-unknown', inOrder)).toBe(isFiring);
    const late = { ago: 0, record: audited(3, before, { repeated: true }) };
    expect(await fires('outcome-unknown', [...inOrder, late])).toBe(isFiring);
  });
});

it('every query takes the audit record with the highest sequence for the latest', () => {
  const files = globSync(`${import.meta.dirname}/../../infra/{alerts,queries}/*.kql`);
  const latest = files.flatMap((file) => {
    const query = readFileSync(file, 'utf8');
    return query.includes('audit.sequence') ? [...query.matchAll(/arg_max\(([^,]+),/g)].map(([, by]) => by) : [];
  });
  expect(latest).toHaveLength(6);
  expect(latest.filter((by) => by !== 'sequence' && by !== 'toint(audit.sequence)')).toEqual([]);
});

describe('an alert about what lasts does not end between two records of it', () => {
  const every = (pause: number, count: number, record: object): Line[] =>
    Array.from({ length: count }, (_, n) => ({ ago: n * pause, record }));
  const refused = { event: 'deletion-refused', credentialId: 'c' };
  const undecided = { event: 'review-undecided', credentialId: 'c' };
  it.each([
    ['undecided-key', 'a review backs off to an hour', every(HOUR, 4, refused)],
    ['undecided-key', 'a review backs off to an hour', every(HOUR, 12, undecided)],
    [
      'open-credentials',
      'counts are logged once an hour',
      every(HOUR, 4, { event: 'open-credentials', counts: { u: 1 } }),
    ],
    [
      'reviews-late',
      'the reconciler runs each minute',
      every(MINUTE, 15, { event: 'reviews-late', counts: { seconds: 700 } }),
    ],
    [
      'reviews-late',
      'a run that is behind takes up to four minutes',
      every(4 * MINUTE, 4, { event: 'reviews-late', counts: { seconds: 700 } }),
    ],
    [
      'row-unreadable',
      'such a row is looked at once an hour',
      every(HOUR, 4, { event: 'row-unreadable', credentialId: 'c' }),
    ],
  ])('%s: %s', async (name, _why, lines) => {
    const pause = (lines[1]?.ago ?? 0) - (lines[0]?.ago ?? 0);
    // A run of the timer may be late.
    for (const later of [0, pause / 2, pause + 30_000])
      expect(await fires(name, lines, later), `${later} ms`).toBe(true);
    expect(await fires(name, lines, 3 * 24 * HOUR)).toBe(false);
  });
});
