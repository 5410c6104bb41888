import type { EmulatedAzure } from '../../../src/sandbox/azure.ts';
import type { Intent } from '../../../src/vending/intent.ts';
import { renderSecret } from '../../../src/vending/secret/formats.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import { type LedgerView, markerIn, versionsOf } from '../evidence.ts';

type Key = ReturnType<EmulatedAzure['arm']['keys']>[number];

/**
 * Every live key is vended with its secret in the vault, superseded or on its way out, or named by an open intent; every
 * vended intent has both, and every superseded one while its overlap lasts.
 */
export function accountForKeys(azure: EmulatedAzure, { intents }: LedgerView): string[] {
  const keys = azure.arm.keys();
  const live = keys.filter(({ deleted }) => !deleted);
  const byId = new Map(keys.map((key) => [key.id, key]));
  return [
    ...live.flatMap((key) => ownerless(key, intents)),
    ...twins(live),
    ...crowds(live, intents),
    ...[...intents.values()].flatMap((intent) => brokenVend(azure, intent, byId)),
    ...secondPosts(azure),
  ];
}

function ownerless(key: Key, intents: LedgerView['intents']): string[] {
  const marker = markerIn(key.description);
  const intent = intents.get(marker?.requestId ?? '');
  if (marker === undefined || intent === undefined) return [`key ${key.id} lives and no intent names it`];
  const { state, attempt } = intent;
  const isOver = state.kind === 'failed' || state.kind === 'revoked';
  const named = !isOver && attempt === marker.attempt && (!('key' in state) || state.key.id === key.id);
  return named ? [] : [`key ${key.id} of attempt ${marker.attempt} lives, but ${describe(intent)}`];
}

function twins(live: readonly Key[]): string[] {
  const requests = live.map(({ description }) => markerIn(description)?.requestId);
  const double = requests.filter((id, place) => id !== undefined && requests.indexOf(id) !== place);
  return double.map((id) => `request ${id} has two live keys`);
}

/** A rotation has the old key and the new one live for the same secret, and no third. */
function crowds(live: readonly Key[], intents: LedgerView['intents']): string[] {
  const names = live.flatMap(
    ({ description }) => intents.get(markerIn(description)?.requestId ?? '')?.secretName ?? [],
  );
  const byName = Map.groupBy(names, (name) => name.toLowerCase());
  return [...byName].flatMap(([name, all]) => (all.length > 2 ? [`secret ${name} has ${all.length} live keys`] : []));
}

function brokenVend(azure: EmulatedAzure, intent: Intent, keys: ReadonlyMap<string, Key>): string[] {
  const { state } = intent;
  const versions = versionsOf(azure, intent);
  const inForce = versions.filter(({ enabled, tags }) => enabled && keys.get(tags['vend-key'] ?? '')?.deleted === true);
  const dead = inForce.map(({ version }) => `${describe(intent)}, but version ${version} of a deleted key is in force`);
  if (!isInForce(state)) return dead;
  const key = keys.get(state.key.id);
  if (key === undefined || key.deleted) return [...dead, `${describe(intent)}, but its key ${state.key.id} is gone`];
  const { value } = renderSecret(intent.secretFormat, state.key, new Secret(key.secret), intent.target);
  const isRight = (version: (typeof versions)[number] | undefined): boolean =>
    version?.enabled === true && version.value === value.reveal();
  const answered = versions.find(({ version }) => version === state.secret.version);
  return [
    ...dead,
    ...(isRight(answered) ? [] : [`${describe(intent)}, but the version that it names does not hold its secret`]),
    ...(state.kind === 'superseded' || isRight(versions.at(-1))
      ? []
      : [`${describe(intent)}, but a reference without version does not lead to it`]),
  ];
}

/** A key whose overlap is over may go at any moment. */
const isInForce = (state: Intent['state']): state is Extract<Intent['state'], { kind: 'vended' | 'superseded' }> =>
  state.kind === 'vended' || (state.kind === 'superseded' && state.revokeAt > Date.now());

/** A POST that was answered 401 is repeated with a new token: it was not acted on. */
function secondPosts({ arm }: EmulatedAzure): string[] {
  const posts = arm.requests().filter(({ operation, status }) => operation === 'createApiKey' && status !== 401);
  const markers = posts.map(({ body }) => markerIn((body as { description?: unknown } | null)?.description));
  const seen = new Set<string>();
  return markers.flatMap((marker) => {
    if (marker === undefined) return ['a POST carried no marker'];
    const name = `${marker.requestId}.${marker.attempt}`;
    if (seen.has(name)) return [`attempt ${name} was POSTed twice`];
    seen.add(name);
    return [];
  });
}

const describe = ({ id, attempt, state }: Intent): string => `request ${id} is ${state.kind} at attempt ${attempt}`;
