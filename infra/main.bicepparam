using 'main.bicep'

param namePrefix = 'ckvend'
param policy = loadTextContent('policy.sample.jsonc')
// The client id that step 1 of infra/README.md prints.
param entraAudience = '00000000-0000-0000-0000-000000000000'
param confluentResourceGroup = 'myResourceGroup'
param confluentOrganization = 'myOrganization'
param alertEmails = ['platform-team@example.com']
param runbookUrl = 'https://example.com/confluent-api-key-vending/infra/RUNBOOK.md'
