export { authoritiesPem, HUB_SERVER_NAME, hubChannelOptions, hubCredentials } from "./channel.ts";
export { replaceFile } from "./durable-file.ts";
export { enroll } from "./enroll.ts";
export { EnrollError } from "./error.ts";
export { type Identity, type IdentityStore, loadIdentity } from "./identity.ts";
export { renewIfDue } from "./renew.ts";
