import { ArmError } from './arm-error.ts';

export type ArmOperation =
  | 'createApiKey'
  | 'getApiKey'
  | 'deleteApiKey'
  | 'getCluster'
  | 'listClusters'
  | 'getSchemaRegistryCluster'
  | 'listSchemaRegistryClusters'
  | 'getEnvironment'
  | 'listEnvironments'
  | 'getOrganization'
  | 'listOrganizations'
  | 'deleteOrganization';

/** The variable segments of a path, decoded; an operation whose path has none of a name finds it empty. */
export interface PathParameters {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly organizationName: string;
  readonly environmentId: string;
  readonly clusterId: string;
  readonly apiKeyId: string;
}

export interface ArmRoute {
  readonly operation: ArmOperation;
  readonly parameters: PathParameters;
}

const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroupName}`;
const ORGANIZATION = `${GROUP}/providers/Microsoft.Confluent/organizations/{organizationName}`;
const ENVIRONMENT = `${ORGANIZATION}/environments/{environmentId}`;
const CLUSTER = `${ENVIRONMENT}/clusters/{clusterId}`;
const API_KEY = `${ORGANIZATION}/apiKeys/{apiKeyId}`;

const OPERATIONS = [
  { operation: 'createApiKey', verb: 'POST', template: `${CLUSTER}/createAPIKey` },
  { operation: 'getCluster', verb: 'GET', template: CLUSTER },
  { operation: 'getApiKey', verb: 'GET', template: API_KEY },
  { operation: 'deleteApiKey', verb: 'DELETE', template: API_KEY },
  { operation: 'deleteOrganization', verb: 'DELETE', template: ORGANIZATION },
  { operation: 'getOrganization', verb: 'GET', template: ORGANIZATION },
  { operation: 'listOrganizations', verb: 'GET', template: `${GROUP}/providers/Microsoft.Confluent/organizations` },
  {
    operation: 'listOrganizations',
    verb: 'GET',
    template: `${SUBSCRIPTION}/providers/Microsoft.Confluent/organizations`,
  },
  { operation: 'getEnvironment', verb: 'GET', template: ENVIRONMENT },
  { operation: 'listEnvironments', verb: 'GET', template: `${ORGANIZATION}/environments` },
  { operation: 'listClusters', verb: 'GET', template: `${ENVIRONMENT}/clusters` },
  { operation: 'listSchemaRegistryClusters', verb: 'GET', template: `${ENVIRONMENT}/schemaRegistryClusters` },
  {
    operation: 'getSchemaRegistryCluster',
    verb: 'GET',
    template: `${ENVIRONMENT}/schemaRegistryClusters/{clusterId}`,
  },
] as const satisfies readonly { operation: ArmOperation; verb: string; template: string }[];

/** The rest of the provider's specification 2024-07-01. A 404 would read as if the provider had no such thing. */
const NOT_EMULATED = [
  ORGANIZATION,
  `${ORGANIZATION}/listRegions`,
  `${ORGANIZATION}/access/default/{action}`,
  `${ORGANIZATION}/access/default/deleteRoleBinding/{roleBindingId}`,
  `${GROUP}/providers/Microsoft.Confluent/validations/{organizationName}/{action}`,
  `${SUBSCRIPTION}/providers/Microsoft.Confluent/agreements`,
  `${SUBSCRIPTION}/providers/Microsoft.Confluent/agreements/default`,
  '/providers/Microsoft.Confluent/operations',
];

/**
 * Returns the operation of a request, or its refusal. The path is normalised first, as every HTTP stack before ARM does, encoded
 * dots included: `DELETE …/organizations/org/apiKeys/..` is `deleteOrganization`.
 */
export function routeOf(method: string, rawPath: string): ArmRoute | ArmError {
  const segments = segmentsOf(rawPath);
  if (segments === undefined) return new ArmError(400, 'BadRequest', 'The request URL is not properly encoded.');
  const matches = OPERATIONS.flatMap(({ operation, verb, template }) => {
    const parameters = match(template.split('/'), segments);
    return parameters === undefined ? [] : [{ operation, verb, parameters }];
  });
  const found = matches.find(({ verb }) => verb === method);
  if (found !== undefined) return found;
  if (NOT_EMULATED.some((template) => match(template.split('/'), segments) !== undefined)) return notEmulated(method);
  return matches.length === 0 ? unknownPath(segments) : methodNotAllowed(method, matches);
}

function segmentsOf(rawPath: string): string[] | undefined {
  try {
    const { pathname } = new URL(`https://management.azure.com${rawPath}`);
    return pathname
      .replace(/\/$/, '')
      .split('/')
      .map((segment) => decodeURIComponent(segment));
  } catch {
    return undefined;
  }
}

/** Fixed segments are case-insensitive; a variable one takes anything but nothing. */
function match(template: readonly string[], segments: readonly string[]): PathParameters | undefined {
  if (template.length !== segments.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, expected] of template.entries()) {
    const actual = segments[index] ?? '';
    const variable = /^\{(\w+)\}$/.exec(expected)?.[1];
    if (variable !== undefined && actual !== '') found[variable] = actual;
    else if (actual.toLowerCase() !== expected.toLowerCase()) return undefined;
  }
  const empty = { subscriptionId: '', resourceGroupName: '', organizationName: '' };
  return { ...empty, environmentId: '', clusterId: '', apiKeyId: '', ...found };
}

const notEmulated = (method: string): ArmError =>
  new ArmError(501, 'NotImplemented', `The sandbox does not emulate ${method} on this resource of the provider.`);

function methodNotAllowed(method: string, matches: readonly { verb: string }[]): ArmError {
  const allow = matches.map(({ verb }) => verb).join(', ');
  return new ArmError(405, 'MethodNotAllowed', `The HTTP method '${method}' is not supported on the resource.`, {
    allow,
  });
}

function unknownPath(segments: readonly string[]): ArmError {
  const lowered = segments.map((segment) => segment.toLowerCase());
  const providers = lowered.indexOf('providers');
  if (lowered[1] !== 'subscriptions' || providers < 0) {
    const message = 'The request did not have a subscription or a valid tenant level resource provider.';
    return new ArmError(404, 'MissingSubscription', message);
  }
  const namespace = segments[providers + 1] ?? '';
  if (lowered[providers + 1] !== 'microsoft.confluent') {
    return new ArmError(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
  }
  const message = `The resource type could not be found in the namespace '${namespace}' for the api version given.`;
  return new ArmError(404, 'InvalidResourceType', message);
}
