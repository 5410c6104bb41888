using 'main.bicep'

param namePrefix = 'ckvend'
param policy = loadTextContent('policy.sample.jsonc')
param entraAudience = 'api://confluent-api-key-vending'
param confluentResourceGroup = 'myResourceGroup'
param confluentOrganization = 'myOrganization'
param alertEmails = ['platform-team@example.com']
param runbookUrl = 'https://example.com/confluent-api-key-vending/infra/RUNBOOK.md'
