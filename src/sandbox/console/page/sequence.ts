import type { CallStep, NoteStep, Step } from '../../activity/types.ts';
import { h } from './dom.ts';

/** Those whom the function calls, from left to right. */
const LANES = [
  { name: 'Ledger', services: ['table'], color: 'ledger' },
  { name: 'Confluent', services: ['arm'], color: 'arm' },
  { name: 'Key Vault', services: ['vault'], color: 'vault' },
  { name: 'Service Bus', services: ['bus'], color: 'bus' },
  { name: 'Event Grid', services: ['eventgrid'], color: 'grid' },
  { name: 'Entra ID', services: ['identity', 'entra'], color: 'entra' },
] as const;

type Lane = (typeof LANES)[number];

/** What operations mean. The others keep their name. */
const MEANINGS: Readonly<Record<string, string>> = {
  'table batch': 'commit',
  'table get': 'read',
  'table query': 'query',
  'arm createApiKey': 'create API key',
  'arm getApiKey': 'read API key',
  'arm deleteApiKey': 'delete API key',
  'vault challenge': 'ask which token',
  'vault setSecret': 'store secret',
  'vault getSecret': 'read secret',
  'vault listVersions': 'list versions',
  'vault updateSecret': 'disable version',
  'identity token': 'token',
  'entra getKeys': 'signing keys',
  'eventgrid publish': 'publish event',
};

const laneOf = (step: CallStep): Lane | undefined =>
  LANES.find(({ services }) => services.some((service) => service === step.service));

/** The steps of one invocation as a sequence: the function on the left, an arrow for each call. */
export function sequence(steps: readonly Step[]): HTMLElement {
  const used = new Set(steps.map((step) => (step.kind === 'call' ? laneOf(step) : undefined)));
  const lanes = LANES.filter((lane) => used.has(lane));
  const list = h('ol', { class: 'sequence' });
  list.style.setProperty('--lanes', String(lanes.length + 1));
  list.append(h('li', { class: 'lanes', 'aria-hidden': 'true' }, ...heads(lanes)));
  for (const step of steps) list.append(step.kind === 'call' ? callRow(step, lanes) : noteRow(step));
  return list;
}

const heads = (lanes: readonly Lane[]): HTMLElement[] => [
  h('span', { class: 'lane' }, 'Function'),
  ...lanes.map(({ name, color }) => h('span', { class: `lane on-${color}` }, name)),
];

function callRow(step: CallStep, lanes: readonly Lane[]): HTMLElement {
  const { service, operation, end, isFault, after, target } = step;
  const lane = laneOf(step);
  const span = lane === undefined ? 1 : lanes.indexOf(lane) + 1;
  const outcome = end === undefined ? 'waiting …' : wordsOf(end.outcome);
  const arrow = h(
    'span',
    { class: `arrow on-${lane?.color ?? 'entra'} ${toneOf(step)}`, title: target },
    h('span', { class: 'service' }, lane?.name ?? service),
    h('span', { class: 'operation' }, MEANINGS[`${service} ${operation}`] ?? operation),
    isFault && h('span', { class: 'fault' }, 'fault'),
    h('span', { class: 'outcome' }, outcome),
    end && h('span', { class: 'ms' }, `${Math.max(1, Math.round(end.ms))} ms`),
  );
  arrow.style.setProperty('--span', String(span));
  return h('li', { class: 'call' }, h('span', { class: 'after' }, `+${Math.max(0, Math.round(after))}`), arrow);
}

const wordsOf = (outcome: string): string => (outcome === 'cut' ? 'no answer' : outcome);

/** A vault's first 401 says which token it wants. */
function toneOf({ end, operation }: CallStep): string {
  if (end === undefined) return 'is-running';
  if (operation === 'challenge' || /^(2\d\d|ok)$/.test(end.outcome)) return 'is-good';
  return end.outcome === '404' ? 'is-odd' : 'is-bad';
}

const noteRow = ({ text, level, after }: NoteStep): HTMLElement =>
  h(
    'li',
    { class: `note is-${level}` },
    h('span', { class: 'after' }, `+${Math.max(0, Math.round(after))}`),
    h('span', { class: 'text' }, text),
  );
