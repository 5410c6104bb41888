metadata description = 'The vault that keys are stored in.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags object

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Object id of the identity that stores secrets.')
param writerPrincipalId string

@description('Workspace for the audit log.')
param workspaceId string

@description('False: reached by private endpoint only.')
param publicAccess bool

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

module writer 'vault-writer.bicep' = {
  name: 'vault-writer'
  params: {
    vaultName: vault.name
    principalId: writerPrincipalId
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id.')
output id string = vault.id

@description('Name.')
output name string = vault.name

@description('https://<name>.vault.azure.net')
output url string = vault.properties.vaultUri
