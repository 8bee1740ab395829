export {
  type Authority,
  type CertificateAuthority,
  openKeys,
  type ServerIdentity,
  spiffeId,
} from "./authority/index.ts";
export {
  authenticateCollector,
  type CollectorActor,
  findCollectors,
  type FoundCollector,
} from "./enrollment/authenticate-collector.ts";
export { createEnrollmentToken } from "./enrollment/create-token.ts";
export { enrollCollector } from "./enrollment/enroll.ts";
export { renewCertificate } from "./enrollment/renew.ts";
export { revokeCollector } from "./enrollment/revoke.ts";
export { may, requirePermission } from "./permission.ts";
export { endSession, findSession, openSession } from "./person/session.ts";
export { createSignInLink } from "./person/sign-in-link.ts";
export { createUser, ensureFirstAdmin, FIRST_ADMIN_EMAIL, listUsers } from "./person/user.ts";
export { createApiToken, findApiToken, revokeApiToken, revokeApiTokens } from "./program/api-token.ts";
