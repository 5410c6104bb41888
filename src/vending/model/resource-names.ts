// Every segment of an upstream URL comes through one of these. None of them matches `.` or `..`: URL normalisation
// collapses those even when percent-encoded, and `DELETE …/organizations/org/apiKeys/..` deletes the organization.
export const SUBSCRIPTION_ID = /^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$/;
export const RESOURCE_GROUP_NAME = /^[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]$/;
export const ORGANIZATION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const ENVIRONMENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const API_KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;
export const CLUSTER_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
