import * as z from 'zod';
import { BUILT_IN } from '../bicep/check-roles.ts';
import { type Deployment, differences, ofType, type Parameters } from './predict.ts';

/** `holder: role on scope`, for every role that is given. */
export function rolesOf(deployment: Deployment): string[] {
  const custom = new Map(
    ofType(deployment, 'Microsoft.Authorization/roleDefinitions').map((one) => [
      one.name,
      // Without what tells it from the role of another deployment.
      String(one.properties.roleName).replace(/ \(.*/, ''),
    ]),
  );
  return ofType(deployment, 'Microsoft.Authorization/roleAssignments').map(({ id, properties }) => {
    const { principalId, roleDefinitionId } = z
      .looseObject({ principalId: z.string(), roleDefinitionId: z.string() })
      .parse(properties);
    const role = roleDefinitionId.split('/').at(-1) ?? '';
    return `${holderOf(principalId)}: ${custom.get(role) ?? BUILT_IN[role] ?? role} on ${scopeOf(id)}`;
  });
}

function holderOf(principalId: string): string {
  if (principalId.includes('/userAssignedIdentities/')) return 'function';
  return principalId.includes('/systemTopics/') ? 'Event Grid' : principalId;
}

/** The last two parts of the resource that the role is on, without a name that differs by resource group. */
const scopeOf = (id: string): string =>
  id
    .split('/')
    .slice(-6, -4)
    .join('/')
    .replace(/^(vaults|components|storageAccounts)\/.*/, '$1/*');

function expectedRoles({ requestQueues, replyQueues, eventTopic, eventGrid }: Parameters): string[] {
  const receives = (queue: string) => `function: serviceBusDataReceiver on queues/${queue}`;
  const sends = (queue: string) => `function: serviceBusDataSender on queues/${queue}`;
  return [
    'function: Key vending ledger writer on tables/apikeyvending',
    'function: Key vending minter on organizations/organization',
    'function: Key vending secret writer on vaults/*',
    'function: monitoringMetricsPublisher on components/*',
    'function: storageBlobDataOwner on storageAccounts/*',
    ...[...requestQueues, 'vend-retries'].map(receives),
    ...[...replyQueues, 'vend-retries', 'vend-results'].map(sends),
    ...(eventTopic === '' ? [] : [`function: serviceBusDataSender on topics/${eventTopic}`]),
    ...(eventGrid
      ? [
          receives('vend-events'),
          'Event Grid: serviceBusDataSender on queues/vend-events',
          'Event Grid: storageBlobDataContributor on storageAccounts/*',
        ]
      : []),
  ];
}

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'Key vending ledger writer': ['read', 'write', 'delete', 'add/action', 'update/action'].map(
    (action) => `Microsoft.Storage/storageAccounts/tableServices/tables/entities/${action}`,
  ),
  'Key vending secret writer': ['setSecret', 'readMetadata', 'update'].map(
    (action) => `Microsoft.KeyVault/vaults/secrets/${action}/action`,
  ),
  'Key vending minter': ['environments/clusters/createAPIKey/action', 'apiKeys/read', 'apiKeys/delete'].map(
    (action) => `Microsoft.Confluent/organizations/${action}`,
  ),
};
const permission = z.object({
  actions: z.array(z.string()),
  notActions: z.array(z.string()),
  dataActions: z.array(z.string()),
});

/** Exactly the roles that the function and Event Grid need, and custom roles that allow no more than they say. */
export function roleFaults(deployment: Deployment): string[] {
  return [
    ...differences(rolesOf(deployment), expectedRoles(deployment.parameters)),
    ...ofType(deployment, 'Microsoft.Authorization/roleDefinitions').flatMap(({ properties }) => {
      const name = String(properties.roleName).replace(/ \(.*/, '');
      const [only, ...more] = z.array(permission).parse(properties.permissions);
      const allowed = [...(only?.actions ?? []), ...(only?.dataActions ?? [])];
      const extra = allowed.filter((action) => !ACTIONS[name]?.includes(action));
      return [
        ...[...extra, ...more].map((action) => `${name} allows ${String(action)}`),
        ...(name === 'Key vending minter' && !only?.notActions.includes('Microsoft.Confluent/organizations/delete')
          ? [`${name} may delete the organization`]
          : []),
      ];
    }),
    ...organizationFaults(deployment),
  ];
}

/** The minter's role stands where the organization is, which may be another subscription. */
function organizationFaults(deployment: Deployment): string[] {
  const { confluentSubscriptionId: subscription, confluentResourceGroup: group } = deployment.parameters;
  const home = `/subscriptions/${subscription}/resourceGroups/${group}/`;
  const given = ofType(deployment, 'Microsoft.Authorization/roleAssignments').map(({ id }) => id);
  const there = given.filter((id) => id.includes('/Microsoft.Confluent/organizations/'));
  return there.filter((id) => !id.startsWith(home)).map((id) => `${id} is not in ${home}`);
}
