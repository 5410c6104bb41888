import { type Credential, namedKeys, statusOf } from '../../src/vending/model/credential.ts';
import {
  apply,
  type RecoveredKey,
  type Recovery,
  TRANSITION_NAMES,
  TRANSITIONS,
  type Transition,
} from '../../src/vending/model/transitions.ts';
import {
  DAY,
  DRAFT,
  FIRST,
  HOUR,
  keyOf,
  NOW,
  PROBLEM,
  SECOND,
  secretOf,
  TIMINGS,
} from '../vending/model/credentials.ts';

const GRANT = { ...DRAFT.grant, revokeAtExpiry: true };

/** Everything that any transition asks for. */
const INPUT = {
  attempt: FIRST,
  nonce: 'bbbbbb',
  claimId: 'claim',
  grant: GRANT,
  draft: { ...DRAFT, grant: GRANT },
  requestKey: 'r'.repeat(26),
  overlapMs: 25 * HOUR,
  leaseUntil: NOW + TIMINGS.leaseMs,
  expiresOn: NOW + 90 * DAY,
  key: keyOf('KEY1'),
  keyId: 'KEY1',
  keyIds: ['KEY1'] as readonly string[],
  checked: false,
  secret: secretOf('v1'),
  stored: false,
  problem: PROBLEM,
  by: 'queue:orders',
  suspended: false,
  vaultIsGone: false,
  nextAt: NOW + 200 * DAY,
  since: NOW,
  createdAt: NOW,
};

const FOUND: RecoveredKey = {
  ...FIRST,
  key: keyOf('KEY1'),
  secret: secretOf('v1'),
  vendedAt: NOW,
  expiresOn: INPUT.expiresOn,
};
const NEWER: RecoveredKey = { ...FOUND, ...SECOND, key: keyOf('KEY2'), secret: secretOf('v2') };
type Input = typeof INPUT & Pick<Recovery, 'attempts' | 'current' | 'previous'>;

/** Keys that the row names, and one that it does not. */
const inputsFor = (row: Credential | undefined): readonly Input[] => {
  const named = row === undefined ? [] : namedKeys(row);
  const attempt = row?.work ?? SECOND;
  return [...named, `KEY${row?.attempts ?? 1}`, 'KEY9'].flatMap((keyId) =>
    [true, false].map((checked) => ({
      ...INPUT,
      attempt,
      keyId,
      key: keyOf(keyId),
      keyIds: checked ? [] : [keyId],
      checked,
      ...(checked ? { attempts: 1, current: FOUND } : { attempts: 2, current: NEWER, previous: FOUND }),
      nonce: row === undefined ? FIRST.nonce : SECOND.nonce,
    })),
  );
};

/** A moment at which nothing is due, and one at which everything is. */
const MOMENTS = [NOW, NOW + 100 * DAY];

interface Step {
  readonly name: string;
  readonly from: Credential | undefined;
  readonly to: Credential;
}

/** Confluent gives every key an id of its own. */
const hasKeyTwice = (row: Credential): boolean => new Set(namedKeys(row)).size < namedKeys(row).length;

/** Rows of one kind allow the same steps. Dates and counters differ without end, and are left out. */
function kindOf({ current, previous, work, failure, revocation, closed, sweepAt, retry }: Credential): string {
  const parts = [
    current?.attempt === 1,
    current?.expiryNotedAt,
    previous,
    failure,
    revocation?.checkedAt,
    closed,
    sweepAt,
    retry,
  ];
  const { phase, purpose, keyId } = work ?? {};
  return JSON.stringify([
    ...parts.map(Boolean),
    current === undefined,
    revocation === undefined,
    phase,
    purpose,
    keyId === undefined,
  ]);
}

/** Every step that the table allows from one kind of row to another. */
export function stepsOfTable(): readonly Step[] {
  const steps: Step[] = [];
  const seen = new Set<string>();
  const open: (Credential | undefined)[] = [undefined];
  while (open.length > 0) {
    const from = open.pop();
    for (const step of stepsFrom(from)) {
      if (hasKeyTwice(step.to)) continue;
      steps.push(step);
      const kind = kindOf(step.to);
      if (seen.has(kind)) continue;
      seen.add(kind);
      open.push(step.to);
    }
  }
  return steps;
}

const stepsFrom = (from: Credential | undefined): readonly Step[] =>
  TRANSITION_NAMES.flatMap((name) => {
    const transition: Transition<Input> = TRANSITIONS[name];
    return inputsFor(from).flatMap((input) =>
      MOMENTS.flatMap((now) =>
        transition.by.flatMap((by) => {
          const applied = apply(transition, from, input, { now, timings: TIMINGS, by });
          return applied.kind === 'allowed' ? [{ name, from, to: { ...applied.row, sequence: 1, writeId: 'w' } }] : [];
        }),
      ),
    );
  });

/** A picture of the steps between states that have a name. Steps within a state are left out. */
function diagramOf(steps: readonly Step[], stateOf: (row: Credential | undefined) => string): string {
  const edges = new Map<string, Set<string>>();
  for (const { name, from, to } of steps) {
    const [before, after] = [stateOf(from), stateOf(to)];
    if (before === after) continue;
    const edge = `${before} --> ${after}`;
    edges.set(edge, (edges.get(edge) ?? new Set()).add(name));
  }
  const lines = [...edges].map(([edge, names]) => `    ${edge} : ${[...names].toSorted().join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', ...lines.toSorted((a, b) => (a < b ? -1 : 1)), '```'].join('\n');
}

/** What a caller sees. A previous key makes a state of its own. */
const statusState = (row: Credential | undefined): string => {
  if (row === undefined) return '[*]';
  const status = statusOf(row);
  return status === 'vended' && row.previous !== undefined ? 'vended_with_previous' : status;
};

/** The attempt under way, of a vend or of a rotation. */
const attemptState = (row: Credential | undefined): string => row?.work?.phase ?? '[*]';

export const statusDiagram = (): string => diagramOf(stepsOfTable(), statusState);
export const attemptDiagram = (): string => diagramOf(stepsOfTable(), attemptState);
