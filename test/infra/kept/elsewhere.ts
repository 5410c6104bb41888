/** Values that no reason of this folder names, as `file: path = value`: what holds them, or why nothing has to. */
export const ELSEWHERE: readonly (readonly [values: RegExp, because: string])[] = [
  [/^\S+: (rules|panels|queries)\[/, 'kept.test.ts holds alerts, panels and saved queries in tables'],
  [/^\S+: \w+\.(tags|location) = /, 'kept.test.ts asks every resource for tags and region'],
  [/\.principal(Type|Id) = /, 'kept.test.ts asks every role for its holder'],
  [/\.(roleDefinitionId|scope) = |: \w+ = '[0-9a-f]{8}-/, 'roles.test.ts lists which role is given on what'],
  [/\.params\.\w+ = /, 'types and names of modules are checked, and snapshot.test.ts looks at what they make'],
  [
    /: output \w+ = /,
    'types and names of outputs are checked, and snapshot.test.ts looks at the settings that name them',
  ],
  [
    /^main\.bicep: \w+\.name = |(writer|privateEndpoints|roles|introduction)\.name = |queue\.name = 'queue-/,
    'the name of a deployment within this one, or of a text: nothing refers to it',
  ],
  [/\]?\.(name|parent) = /, 'a name and a parent are asked for, and snapshot.test.ts looks at whole ids'],
  [/runbook = /, 'alerts.test.ts counts the links to the runbook'],
  [/: groupId = /, 'the names of roles come from it, which a compiler checks and snapshot.test.ts compares'],
  [/: \S+ = -/, 'nobody can leave the parameter out, and Azure has the same limits for its value'],
  [/\.(summary|description|displayName|roleName|json) = /, 'words for people'],
  [
    /deployment\.storage\.value = |account\.sku\.name = |saved\.properties\.query = /,
    'the one value of its kind there is',
  ],
  [/storageSuffix = |sku\.family = /, 'Azure knows one value'],
];
