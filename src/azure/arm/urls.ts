import type { Target } from '../../vending/target.ts';

const API_VERSION = '2024-07-01';

const SUBSCRIPTION = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
const RESOURCE_GROUP = /^[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]$/;
const ORGANIZATION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const CONFLUENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** What a key id may look like, in a path and in an answer. */
export const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;

interface Segment {
  readonly collection: string;
  readonly name: string;
  readonly legal: RegExp;
}

/** `POST` here mints. Undefined where a part of the target must not appear in a path. */
export function mintUrl(origin: string, target: Target): string | undefined {
  const cluster = [
    ...organization(target),
    { collection: 'environments', name: target.environmentId, legal: CONFLUENT_ID },
    { collection: 'clusters', name: target.clusterId, legal: CONFLUENT_ID },
  ];
  return urlOf(origin, cluster, '/createAPIKey');
}

/** `GET` and `DELETE` of one key. Undefined where a part of the target, or the id, must not appear in a path. */
export function keyUrl(origin: string, target: Target, keyId: string): string | undefined {
  return urlOf(origin, [...organization(target), { collection: 'apiKeys', name: keyId, legal: KEY_ID }], '');
}

function organization(target: Target): Segment[] {
  return [
    { collection: 'subscriptions', name: target.subscriptionId, legal: SUBSCRIPTION },
    { collection: 'resourceGroups', name: target.resourceGroupName, legal: RESOURCE_GROUP },
    {
      collection: 'providers/Microsoft.Confluent/organizations',
      name: target.organizationName,
      legal: ORGANIZATION,
    },
  ];
}

// `.` and `..` survive percent-encoding and the URL parser then collapses them: `DELETE …/organizations/o/apiKeys/..`
// would delete the organization. Encoding alone is no protection.
function urlOf(origin: string, segments: readonly Segment[], action: string): string | undefined {
  if (!segments.every(({ name, legal }) => legal.test(name))) return undefined;
  const path = segments.map(({ collection, name }) => `/${collection}/${encodeURIComponent(name)}`).join('');
  return `${origin}${path}${action}?api-version=${API_VERSION}`;
}
