/**
 * The rules of a request, written once more and in other words than the schema, so that neither hides mistakes of the
 * other. Characters are counted and compared, and no pattern is matched.
 */
const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ALPHANUMERIC = `${DIGITS}${LETTERS}${LETTERS.toUpperCase()}`;
const HEXADECIMAL = `${DIGITS}abcdefABCDEF`;

type Rule = (value: string) => boolean;

const consistsOf = (text: string, allowed: string): boolean =>
  [...text].every((character) => allowed.includes(character));
const within = (value: number, least: number, most: number): boolean => value >= least && value <= most;
const begins = (text: string, allowed: string): boolean => text !== '' && consistsOf(text.slice(0, 1), allowed);

const isUuid: Rule = (text) => {
  const parts = text.split('-');
  return parts.map(({ length }) => length).join() === '8,4,4,4,12' && consistsOf(parts.join(''), HEXADECIMAL);
};
const isId: Rule = (text) =>
  within(text.length, 1, 64) && begins(text, ALPHANUMERIC) && consistsOf(text, `${ALPHANUMERIC}-_`);
const isOrganization: Rule = (text) =>
  within(text.length, 1, 64) && begins(text, ALPHANUMERIC) && consistsOf(text, `${ALPHANUMERIC}-_.`);
const isResourceGroup: Rule = (text) =>
  within(text.length, 1, 90) && consistsOf(text, `${ALPHANUMERIC}-_.()`) && !text.endsWith('.');

const isForbidden = (code: number): boolean =>
  code < 0x20 ||
  within(code, 0x7f, 0x9f) ||
  within(code, 0x2028, 0x2029) ||
  within(code, 0x202a, 0x202e) ||
  within(code, 0x2066, 0x2069) ||
  within(code, 0xd800, 0xdfff);

const isText =
  (least: number, most: number): Rule =>
  (text) =>
    within([...text].length, least, most) &&
    ![...text].some((character) => isForbidden(character.codePointAt(0) ?? 0)) &&
    !text.toLowerCase().includes('vend:');

const isSecretName: Rule = (text) =>
  within(text.length, 1, 127) && consistsOf(text, `${ALPHANUMERIC}-`) && text.toLowerCase().startsWith('portal-');

/** Printable ASCII, no space at either end. */
export const isIdempotencyKey: Rule = (text) =>
  within(text.length, 1, 128) &&
  [...text].every((character) => within(character.codePointAt(0) ?? 0, 0x20, 0x7e)) &&
  text === text.trim();

const SECONDS: Readonly<Record<string, number>> = { W: 604_800, D: 86_400, H: 3_600, M: 60, S: 1 };

/** The sum of amounts in an order of units, or NaN. */
function secondsOf(text: string, units: string): number {
  let rest = text;
  let sum = 0;
  for (const unit of units) {
    const end = rest.indexOf(unit);
    if (end < 0) continue;
    const amount = rest.slice(0, end);
    if (!within(amount.length, 1, 9) || !consistsOf(amount, DIGITS)) return Number.NaN;
    sum += Number(amount) * (SECONDS[unit] ?? 0);
    rest = rest.slice(end + 1);
  }
  return rest === '' ? sum : Number.NaN;
}

const isValidity: Rule = (text) => {
  const [date = '', ...times] = text.slice(1).split('T');
  if (!text.startsWith('P') || times.length > 1 || times[0] === '') return false;
  return within(secondsOf(date, 'WD') + secondsOf(times[0] ?? '', 'HMS'), 60, 3_650 * 86_400);
};

const RULES = new Map<string, Rule>([
  ['subscriptionId', isUuid],
  ['resourceGroupName', isResourceGroup],
  ['organizationName', isOrganization],
  ['environmentId', isId],
  ['clusterId', isId],
  ['name', isText(1, 64)],
  ['description', isText(0, 200)],
  ['secretName', isSecretName],
  ['secretFormat', (text) => ['secret', 'json', 'jaas', 'basic-auth'].includes(text)],
  ['validFor', isValidity],
  ['idempotencyKey', isIdempotencyKey],
]);
const REQUIRED = ['environmentId', 'clusterId', 'name'];

export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A request of a caller that may have anything, whose secret names begin with `portal-`. */
export function isRequest(value: unknown): value is Fields {
  if (!isObject(value)) return false;
  // Some serializers write null for every property that is not set.
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  const isLegal = ([name, field]: [string, unknown]): boolean =>
    typeof field === 'string' && RULES.get(name)?.(field) === true;
  return fields.every(isLegal) && REQUIRED.every((name) => fields.some(([given]) => given === name));
}
