import type { Deployment } from './predict.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By Microsoft's naming rules for Azure resources. */
const RULES: Readonly<Record<string, RegExp>> = {
  'Microsoft.Authorization/roleAssignments': GUID,
  'Microsoft.Authorization/roleDefinitions': GUID,
  'Microsoft.EventGrid/systemTopics': /^[A-Za-z0-9-]{3,50}$/,
  'Microsoft.Insights/actionGroups': /^[^:<>+/&%\\?|]{1,260}$/,
  'Microsoft.Insights/components': /^[^%&\\?/]{1,260}$/,
  'Microsoft.Insights/metricAlerts': /^[^*#&+:<>?@%{}\\/|]{1,260}$/,
  'Microsoft.Insights/scheduledQueryRules': /^[^*#&+:<>?@%{}\\/|]{1,260}$/,
  'Microsoft.Insights/workbooks': GUID,
  'Microsoft.KeyVault/vaults': /^(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
  'Microsoft.ManagedIdentity/userAssignedIdentities': /^[A-Za-z0-9][\w-]{2,127}$/,
  'Microsoft.Network/privateEndpoints': /^[A-Za-z0-9][\w.-]{0,62}\w$/,
  'Microsoft.Network/virtualNetworks': /^[A-Za-z0-9][\w.-]{0,62}\w$/,
  'Microsoft.OperationalInsights/workspaces': /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
  'Microsoft.ServiceBus/namespaces': /^[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]$/,
  'Microsoft.ServiceBus/namespaces/queues': /^[A-Za-z0-9](?:[\w./~-]{0,258}\w)?$/,
  'Microsoft.ServiceBus/namespaces/topics': /^[A-Za-z0-9](?:[\w./~-]{0,258}\w)?$/,
  'Microsoft.Storage/storageAccounts': /^[a-z0-9]{3,24}$/,
  'Microsoft.Storage/storageAccounts/blobServices/containers': /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  'Microsoft.Storage/storageAccounts/tableServices/tables': /^[A-Za-z][A-Za-z0-9]{2,62}$/,
  'Microsoft.Web/serverfarms': /^[A-Za-z0-9-]{1,60}$/,
  'Microsoft.Web/sites': /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,58}[A-Za-z0-9])$/,
};

/** Names that Azure takes and that no two resources share. One that only Azure can work out has brackets, and fails here. */
export function nameFaults({ resources }: Deployment): string[] {
  const twice = resources.filter(({ id }, at) => resources.findIndex((other) => other.id === id) !== at);
  return [
    ...twice.map(({ id }) => `${id} is made twice`),
    ...resources.flatMap(({ type, name }) => {
      const last = name.split('/').at(-1) ?? '';
      return RULES[type]?.test(last) === false ? [`${type} takes no name "${last}"`] : [];
    }),
  ];
}
