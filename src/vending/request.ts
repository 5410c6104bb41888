export type SecretFormat = 'secret' | 'json' | 'jaas' | 'basic-auth';
