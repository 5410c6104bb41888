metadata description = 'One account: the ledger, the host\'s own blobs, the package, undeliverable events. No keys.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Replication.')
param sku string

@description('Makes the container for events that Event Grid could not deliver.')
param eventGrid bool

@description('Resource id of the function\'s identity. Names of role assignments come from it, so what-if can predict them.')
param identityId string

@description('Object id of the function\'s identity.')
param principalId string

@description('Workspace for the access log.')
param workspaceId string

@description('False: reached by private endpoint, and by Event Grid as a trusted service.')
param publicAccess bool

var deadLetterContainer = 'event-dead-letters'
var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 7 }
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = {
  parent: blobs
  name: 'packages'
  properties: { publicAccess: 'None' }
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = if (eventGrid) {
  parent: blobs
  name: deadLetterContainer
  properties: { publicAccess: 'None' }
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource ledger 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-08-01' = {
  parent: tables
  name: 'apikeyvending'
}

// The host keeps its locks in containers that it makes itself, and Flex Consumption reads the package as this identity.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityId, storageBlobDataOwner)
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)
  }
}

var groupId = resourceGroup().id

// The built-in contributor role may also delete the table. An empty table gives every repeated request a second key.
resource ledgerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(groupId, 'key-vending-ledger-writer')
  properties: {
    roleName: 'Key vending ledger writer (${uniqueString(groupId)})'
    description: 'Reads and writes the rows of a table; cannot make or delete a table.'
    type: 'CustomRole'
    assignableScopes: [groupId]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read'
          'Microsoft.Storage/storageAccounts/tableServices/tables/entities/write'
          'Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete'
          'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action'
          'Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action'
        ]
        notDataActions: []
      }
    ]
  }
}

resource ledgerWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(ledger.id, identityId, ledgerRole.name)
  scope: ledger
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ledgerRole.name)
  }
}

// Every other version is older, and has no categoryGroup.
#disable-next-line use-recent-api-versions
resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

// Every other version is older, and has no categoryGroup.
#disable-next-line use-recent-api-versions
resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('Resource id.')
output id string = account.id

@description('https://<name>.table.core.windows.net/')
output tableEndpoint string = account.properties.primaryEndpoints.table

@description('The ledger\'s table.')
output ledgerTable string = ledger.name

@description('Container of the deployed package.')
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'
