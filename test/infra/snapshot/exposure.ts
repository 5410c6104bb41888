import * as z from 'zod';
import { type Deployment, differences, ofType, type Resource, valueAt } from './predict.ts';

const VAULT = 'Microsoft.KeyVault/vaults';
const BUS = 'Microsoft.ServiceBus/namespaces';
const STORAGE = 'Microsoft.Storage/storageAccounts';
const SITE = 'Microsoft.Web/sites';
/** Event Grid delivers to a closed bus, and writes dead letters to a closed account, as a service that they trust. */
const TRUSTED = [
  [`${BUS}/networkRuleSets`, 'trustedServiceAccessEnabled', true],
  [STORAGE, 'networkAcls.bypass', 'AzureServices'],
] as const;
const zoneOfStorage = (service: string): string =>
  `[format('privatelink.${service}.{0}', environment().suffixes.storage)]`;
/** https://learn.microsoft.com/azure/private-link/private-endpoint-dns: Azure's own names lead to no other zone. */
const ZONES = [
  ...['blob', 'queue', 'table'].map(zoneOfStorage),
  'privatelink.servicebus.windows.net',
  'privatelink.vaultcore.azure.net',
];

/** No parameter changes these: no keys, no passwords, no old TLS, nothing that is gone at once when it is deleted. */
const ALWAYS: readonly (readonly [type: string, path: string, value: unknown])[] = [
  [VAULT, 'enableRbacAuthorization', true],
  [VAULT, 'enableSoftDelete', true],
  [VAULT, 'enablePurgeProtection', true],
  [BUS, 'disableLocalAuth', true],
  [BUS, 'minimumTlsVersion', '1.2'],
  [STORAGE, 'allowSharedKeyAccess', false],
  [STORAGE, 'allowBlobPublicAccess', false],
  [STORAGE, 'minimumTlsVersion', 'TLS1_2'],
  [STORAGE, 'supportsHttpsTrafficOnly', true],
  [SITE, 'httpsOnly', true],
  [SITE, 'siteConfig.minTlsVersion', '1.2'],
  [SITE, 'siteConfig.scmMinTlsVersion', '1.2'],
  // Flex Consumption refuses it, and the deployment with it.
  [SITE, 'siteConfig.ftpsState', undefined],
  [`${SITE}/basicPublishingCredentialsPolicies`, 'allow', false],
  ['Microsoft.OperationalInsights/workspaces', 'features.disableLocalAuth', true],
  ['Microsoft.Insights/components', 'DisableLocalAuth', true],
];

/** Where each service is reached from, and by what. */
export function exposureFaults(deployment: Deployment): string[] {
  const { privateNetworking } = deployment.parameters;
  const access = privateNetworking ? 'Disabled' : 'Enabled';
  const action = privateNetworking ? 'Deny' : 'Allow';
  return [
    ...expected(deployment, [
      ...ALWAYS,
      ...[VAULT, BUS, STORAGE].map((type) => [type, 'publicNetworkAccess', access] as const),
      ...[VAULT, STORAGE].map((type) => [type, 'networkAcls.defaultAction', action] as const),
      ...(privateNetworking ? TRUSTED : []),
    ]),
    ...endpointFaults(deployment),
    ...callerFaults(deployment),
  ];
}

function expected(deployment: Deployment, rules: typeof ALWAYS): string[] {
  return rules.flatMap(([type, path, value]) => {
    const found = ofType(deployment, type);
    if (found.length === 0) return [`there is no ${type}`];
    const wrong = found.filter((one) => valueAt(one, path) !== value);
    return wrong.map((one) => `${type} ${one.name}: ${path} is ${valueAt(one, path)}, not ${value}`);
  });
}

const connections = z.array(z.object({ properties: z.object({ groupIds: z.array(z.string()) }) }));

const groupsOf = (endpoint: Resource): string[] =>
  connections
    .parse(valueAt(endpoint, 'privateLinkServiceConnections'))
    .flatMap(({ properties }) => properties.groupIds);

function endpointFaults(deployment: Deployment): string[] {
  const { privateNetworking } = deployment.parameters;
  const groups = ofType(deployment, 'Microsoft.Network/privateEndpoints').flatMap(groupsOf);
  const zones = ofType(deployment, 'Microsoft.Network/privateDnsZones').map(({ name }) => name);
  const [site] = ofType(deployment, SITE);
  const [bus] = ofType(deployment, BUS);
  const isInNetwork = typeof site?.properties.virtualNetworkSubnetId === 'string';
  const { name: tier } = z.looseObject({ name: z.string() }).parse(bus?.sku);
  return [
    ...differences(groups, privateNetworking ? ['blob', 'namespace', 'queue', 'table', 'vault'] : []),
    ...differences(zones, privateNetworking ? ZONES : []),
    ...(isInNetwork === privateNetworking ? [] : ['the function and its network do not belong together']),
    ...(tier === (privateNetworking ? 'Premium' : 'Standard') ? [] : [`Service Bus is ${tier}`]),
  ];
}

const restrictions = z.array(z.looseObject({ ipAddress: z.string(), action: z.literal('Allow') }));

function callerFaults(deployment: Deployment): string[] {
  const { allowedCallers } = deployment.parameters;
  const [site] = ofType(deployment, SITE);
  if (site === undefined) return ['there is no function'];
  const allowed = restrictions.parse(valueAt(site, 'siteConfig.ipSecurityRestrictions')).map((one) => one.ipAddress);
  const rest = valueAt(site, 'siteConfig.ipSecurityRestrictionsDefaultAction');
  return [
    ...differences(allowed, allowedCallers),
    ...(rest === (allowedCallers.length > 0 ? 'Deny' : 'Allow') ? [] : [`the function says ${rest} to everybody else`]),
  ];
}
