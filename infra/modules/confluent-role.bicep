metadata description = 'Lets an identity mint, read and delete API keys of one Confluent organization, in that organization\'s resource group.'

@description('An existing organization of this resource group.')
param organizationName string

@description('Resource id of the function\'s identity. Names of role assignments come from it, so what-if can predict them.')
param identityId string

@description('Object id of the function\'s identity.')
param principalId string

@description('Control-plane actions; what would end or change the organization is taken out whatever they say.')
@minLength(1)
param actions string[]

@description('Tells the role from those of other deployments.')
param deploymentId string

resource organization 'Microsoft.Confluent/organizations@2024-07-01' existing = {
  name: organizationName
}

var groupId = resourceGroup().id

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(groupId, 'key-vending-minter', deploymentId)
  properties: {
    roleName: 'Key vending minter (${deploymentId}, ${uniqueString(groupId)})'
    description: 'Mints, reads and deletes API keys of a Confluent organization.'
    type: 'CustomRole'
    assignableScopes: [groupId]
    permissions: [
      {
        actions: actions
        // DELETE …/organizations/o/apiKeys/k is one path segment away from DELETE …/organizations/o.
        notActions: [
          'Microsoft.Confluent/organizations/delete'
          'Microsoft.Confluent/organizations/write'
          'Microsoft.Confluent/organizations/environments/delete'
          'Microsoft.Confluent/organizations/environments/clusters/delete'
        ]
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(organization.id, identityId, role.name)
  scope: organization
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.name)
  }
}
