metadata description = 'The vault that keys are stored in.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Resource id of the function\'s identity. Names of role assignments come from it, so what-if can predict them.')
param identityId string

@description('Object id of the function\'s identity.')
param principalId string

@description('Workspace for the audit log.')
param workspaceId string

@description('False: reached by private endpoint only.')
param publicAccess bool

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
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
    identityId: identityId
    principalId: principalId
  }
}

// Every other version is older, and has no categoryGroup.
#disable-next-line use-recent-api-versions
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

@description('https://<name>.vault.azure.net')
output url string = vault.properties.vaultUri
