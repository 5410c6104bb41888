import { type PreviewOutcome, previewOf, standingOf } from './answers/preview.ts';
import { attemptOnce } from './attempt.ts';
import type { IntentState } from './intent.ts';
import { rotationIdOf } from './model/idempotency.ts';
import type { LedgerRow } from './ports/ledger.ts';
import { resume } from './resume.ts';
import { admitRotation, draftOf, type RotateCommand, type Rotation, type RotationSettings } from './rotation.ts';
import { failedWith, isVended, problemOf, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { supersedeOld } from './saga/supersede.ts';

const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer; nothing was minted.');
const NO_KEY = problemOf('not-rotatable', 'This request has no key in force.');

/**
 * Puts another key and another version of the same secret in the place of a vended one. The old key lives on for the
 * overlap; if the rotation fails, it stays as it was.
 *
 * A rotation is named by what it replaces, so however often and by whomever it is asked for, it is one.
 */
export async function rotate(
  ports: SagaPorts,
  settings: RotationSettings,
  command: RotateCommand,
): Promise<VendOutcome> {
  const admitted = await admitRotation(ports, settings, command);
  switch (admitted.kind) {
    case 'problem':
      return admitted;
    case 'rotated-before':
      return whatBecameOf(ports, admitted.row);
    case 'admitted':
      return rotateVended(admitted.rotation);
  }
}

/** The same up to the first effect: nothing is minted, nothing is written. */
export async function previewRotate(
  ports: SagaPorts,
  settings: RotationSettings,
  command: RotateCommand,
): Promise<PreviewOutcome> {
  const admitted = await admitRotation(ports, settings, command);
  if (admitted.kind === 'problem') return admitted;
  if (admitted.kind === 'rotated-before') return previewOfRow(admitted.row);
  const { rotation } = admitted;
  const id = rotationIdOf(rotation.old);
  const read = await ports.ledger.read(id);
  if (read.kind === 'unreachable') return failedWith({ id, attempt: 0 }, LEDGER_SILENT);
  if (read.kind === 'found' && standingOf(read.row.intent) !== 'again') return previewOfRow(read.row);
  const drafted = await draftOf(rotation);
  if (drafted.kind === 'refused') return failedWith({ id, attempt: 0 }, drafted.problem);
  return previewOf('rotate', 'mint', drafted.draft, ports.clock.now() + rotation.overlapMs);
}

function previewOfRow({ intent }: LedgerRow): PreviewOutcome {
  const standing = standingOf(intent);
  if (standing === 'replay') return previewOf('rotate', 'replay', intent);
  return failedWith(intent, standing === 'again' || intent.state.kind === 'unknown' ? NO_KEY : standing);
}

/** What was rotated before is answered with the key that is in force now. */
async function whatBecameOf(ports: SagaPorts, row: LedgerRow): Promise<VendOutcome> {
  const { kind } = row.intent.state;
  if (kind === 'failed' || kind === 'unknown') return failedWith(row.intent, NO_KEY);
  return resume({ ports, again: async (failed) => failedWith(failed.intent, NO_KEY) }, row);
}

async function rotateVended(rotation: Rotation): Promise<VendOutcome> {
  const { ports, old } = rotation;
  const id = rotationIdOf(old);
  const read = await ports.ledger.read(id);
  if (read.kind === 'unreachable') return failedWith({ id, attempt: 0 }, LEDGER_SILENT);
  if (read.kind === 'absent') return attempt(rotation, undefined);
  const { row } = read;
  // Vended, and the old one not yet marked: that was cut short.
  if (isVended(row.intent)) await supersedeOld(ports, row.intent);
  return resume({ ports, again: (failed, state) => tryAgain(rotation, failed, state) }, row);
}

async function tryAgain(
  rotation: Rotation,
  row: LedgerRow,
  { retryAt, problem }: Extract<IntentState, { kind: 'failed' }>,
): Promise<VendOutcome> {
  const wait = retryAt - rotation.ports.clock.now();
  return wait > 0 ? failedWith(row.intent, { ...problem, retryAfterMs: wait }) : attempt(rotation, row);
}

async function attempt(rotation: Rotation, row: LedgerRow | undefined): Promise<VendOutcome> {
  const { ports, old, grant } = rotation;
  const drafted = await draftOf(rotation);
  if (drafted.kind === 'drafted') return attemptOnce(ports, grant, { draft: drafted.draft, naming: 'inherited' }, row);
  return failedWith({ id: rotationIdOf(old), attempt: row?.intent.attempt ?? 0 }, drafted.problem);
}
