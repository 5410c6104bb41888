metadata description = 'Lets an identity write secrets and read their metadata, but no values. Deploy it for each vault of a team.'

@description('An existing vault of this resource group, with RBAC authorization.')
param vaultName string

@description('Resource id of the function\'s identity. Names of role assignments come from it, so what-if can predict them.')
param identityId string

@description('Object id of the function\'s identity.')
param principalId string

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

var groupId = resourceGroup().id

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(groupId, 'key-vending-secret-writer')
  properties: {
    roleName: 'Key vending secret writer (${uniqueString(groupId)})'
    description: 'Writes secrets and reads their metadata; cannot read a value, delete or purge.'
    type: 'CustomRole'
    assignableScopes: [groupId]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/secrets/setSecret/action'
          'Microsoft.KeyVault/vaults/secrets/readMetadata/action'
          'Microsoft.KeyVault/vaults/secrets/update/action'
        ]
        notDataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action']
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identityId, role.name)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.name)
  }
}
