import {
  API_KEY_ID,
  CLUSTER_ID,
  ENVIRONMENT_ID,
  ORGANIZATION_NAME,
  RESOURCE_GROUP_NAME,
  SUBSCRIPTION_ID,
  type Target,
} from '../../vending/model/resources.ts';

const API_VERSION = '2024-07-01';

interface Segment {
  readonly collection: string;
  readonly name: string;
  readonly legal: RegExp;
}

/** `POST` here mints. Undefined where a part of the target must not appear in a path. */
export function mintUrl(origin: string, target: Target): string | undefined {
  const cluster = [
    ...organization(target),
    { collection: 'environments', name: target.environmentId, legal: ENVIRONMENT_ID },
    { collection: 'clusters', name: target.clusterId, legal: CLUSTER_ID },
  ];
  return urlOf(origin, cluster, '/createAPIKey');
}

/** `GET` and `DELETE` of one key. Undefined where a part of the target, or the id, must not appear in a path. */
export function keyUrl(origin: string, target: Target, keyId: string): string | undefined {
  return urlOf(origin, [...organization(target), { collection: 'apiKeys', name: keyId, legal: API_KEY_ID }], '');
}

function organization(target: Target): Segment[] {
  return [
    { collection: 'subscriptions', name: target.subscriptionId, legal: SUBSCRIPTION_ID },
    { collection: 'resourceGroups', name: target.resourceGroupName, legal: RESOURCE_GROUP_NAME },
    {
      collection: 'providers/Microsoft.Confluent/organizations',
      name: target.organizationName,
      legal: ORGANIZATION_NAME,
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
